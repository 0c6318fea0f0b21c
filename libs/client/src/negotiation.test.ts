// One connection and what is signalled to it: collisions, late candidates, descriptions that are meant for another.
import { expect, test } from "vitest";
import { FakeRtc } from "../test-kit/fake-rtc.ts";
import { Scene } from "../test-kit/scene.ts";
import type { NegotiationBody } from "./peer.ts";
import { Peer } from "./peer.ts";

function lonely(polite: boolean) {
  const stage = new Scene();
  const rtc = new FakeRtc();
  const sent: NegotiationBody[] = [];
  const errors: unknown[] = [];
  const peer = new Peer({
    id: "x",
    polite,
    rtc: rtc.constructorOf,
    clock: stage.clock,
    ice: stage.client().ice,
    signal: (body) => sent.push(body),
    report: () => undefined,
    failed: (error) => errors.push(error),
    present: () => true,
  });
  return { stage, sent, errors, peer, fake: () => rtc.of(peer.connection) };
}

const offer = (session: string, ufrag = "u1"): NegotiationBody => ({
  kind: "description",
  description: { type: "offer", sdp: `v=0\r\no=- ${session} 1 IN IP4 0.0.0.0\r\na=ice-ufrag:${ufrag}\r\n` },
});

test("candidates that come before their description wait for it, and those of another generation are left out", async () => {
  const { stage, errors, peer, fake } = lonely(true);
  const candidate = (name: string, usernameFragment: string) => ({
    candidate: name,
    sdpMid: "0",
    sdpMLineIndex: 0,
    usernameFragment,
  });
  peer.receive({
    kind: "candidates",
    candidates: [candidate("early", "u1"), candidate("old", "u0"), { candidate: "" }],
  });
  await stage.clock.advance(1);
  expect(fake().added).toEqual([]);
  peer.receive(offer("far"));
  peer.receive({ kind: "candidates", candidates: [candidate("late", "u1")] });
  await stage.clock.advance(1);
  expect(fake().added).toEqual(["early", "late"]);
  expect(errors).toEqual([]);
});

test("in a collision the impolite side goes on and the polite side gives way", async () => {
  for (const polite of [false, true]) {
    const { stage, sent, peer } = lonely(polite);
    await stage.clock.advance(1);
    expect(peer.connection.signalingState).toBe("have-local-offer");
    peer.receive(offer("far"));
    await stage.clock.advance(0);
    const kinds = sent.flatMap((body) => (body.kind === "description" ? [body.description.type] : []));
    expect(kinds.slice(0, 2)).toEqual(polite ? ["offer", "answer"] : ["offer"]);
  }
});

test("an offer that gives way before anything came of it goes with its connection, later ones are taken back", async () => {
  const { stage, sent, peer } = lonely(true);
  await stage.clock.advance(1);
  const first = peer.connection;
  peer.receive(offer("far"));
  await stage.clock.advance(1);
  expect(first.connectionState).toBe("closed");
  const second = peer.connection;
  expect(second).not.toBe(first);
  peer.restartIce();
  await stage.clock.advance(1);
  expect(second.signalingState).toBe("have-local-offer");
  peer.receive(offer("far"));
  await stage.clock.advance(1);
  expect(peer.connection).toBe(second);
  expect(sent.flatMap((body) => (body.kind === "description" ? body.description.type : []))).toContain("answer");
});

test("a description that is meant for a connection of before the reload is not taken", async () => {
  const { stage, sent, peer, fake } = lonely(true);
  await stage.clock.advance(1);
  const meantFor = (partner: string): NegotiationBody => ({
    kind: "description",
    description: {
      type: "offer",
      sdp: `v=0\r\no=- far 1 IN IP4 0.0.0.0\r\na=x-heliograph-partner:${partner}\r\na=ice-ufrag:u1\r\n`,
    },
  });
  peer.receive(meantFor("before"));
  await stage.clock.advance(1);
  expect(peer.connection.signalingState).toBe("have-local-offer");
  peer.receive(meantFor(fake().session));
  await stage.clock.advance(1);
  expect(peer.connection.signalingState).toBe("stable");
  const descriptions = sent.flatMap((body) => (body.kind === "description" ? [body.description] : []));
  expect(descriptions.map(({ type }) => type).slice(0, 2)).toEqual(["offer", "answer"]);
  expect(descriptions[1]?.sdp).toContain("a=x-heliograph-partner:far\r\n");
  expect(fake().remoteDescription?.sdp).not.toContain("heliograph");
});

test("an answer to an offer that was taken back harms nothing", async () => {
  const { stage, errors, peer } = lonely(true);
  peer.receive(offer("far"));
  await stage.clock.advance(1);
  peer.receive({ kind: "description", description: { type: "answer", sdp: "v=0\r\no=- far 2 IN IP4 0.0.0.0\r\n" } });
  await stage.clock.advance(1);
  expect(errors).toEqual([]);
});
