import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { EndedOnce } from "./ended-once.ts";
import { writeXorAddress } from "./stun-address.ts";
import type { ReadStunMessage, StunAttribute, StunKind } from "./stun-message.ts";
import { attributeOf, readStun, writeStun } from "./stun-message.ts";
import { attributes, methods } from "./stun-numbers.ts";
import { TurnClient } from "./turn-client.ts";
import type { Wire } from "./wire.ts";

const login = { username: "1790003600:tag", password: "secret" };
const key = createHash("md5").update("1790003600:tag:turn.test:secret").digest();
const relayed = { address: "192.0.2.7", port: 20_000 };

/** Answers each request at once, as its script says; undefined: not at all. */
class ScriptedServer implements Wire {
  readonly reliable: boolean;
  readonly asked: ReadStunMessage[] = [];
  readonly end = new EndedOnce();
  readonly #script: (request: ReadStunMessage, n: number) => Uint8Array | undefined;
  readonly #hearers = new Set<(frame: Uint8Array) => void>();

  constructor(script: (request: ReadStunMessage, n: number) => Uint8Array | undefined, reliable = true) {
    this.#script = script;
    this.reliable = reliable;
  }

  send(frame: Uint8Array): void {
    const request = readStun(frame);
    if (request === undefined) throw new Error("a client of ours writes STUN");
    this.asked.push(request);
    const answer = this.#script(request, this.asked.length);
    if (answer !== undefined) this.say(answer);
  }

  say(frame: Uint8Array): void {
    queueMicrotask(() => {
      for (const hear of this.#hearers) hear(frame);
    });
  }

  onFrame(hear: (frame: Uint8Array) => void): void {
    this.#hearers.add(hear);
  }

  onEnd(hear: Parameters<Wire["onEnd"]>[0]): void {
    this.end.onEnd(hear);
  }

  close(): void {
    this.end.end({ is: "network", why: "closed by us" });
  }
}

function answer(
  { method, transaction }: ReadStunMessage,
  kind: StunKind,
  given: readonly StunAttribute[],
  signing?: Uint8Array,
) {
  return writeStun({ kind, method, transaction, attributes: given }, signing);
}

function refusal(request: ReadStunMessage, code: number, nonce = "nonce-1"): Uint8Array {
  return answer(request, "error", [
    { type: attributes.errorCode, value: Uint8Array.of(0, 0, Math.floor(code / 100), code % 100) },
    { type: attributes.realm, value: Buffer.from("turn.test") },
    { type: attributes.nonce, value: Buffer.from(nonce) },
  ]);
}

function success(request: ReadStunMessage, signing?: Uint8Array): Uint8Array {
  const address = writeXorAddress(relayed, request.transaction) ?? new Uint8Array();
  const given = [
    { type: attributes.xorRelayedAddress, value: address },
    { type: attributes.lifetime, value: Uint8Array.of(0, 0, 2, 0x58) },
  ];
  return answer(request, "success", given, signing);
}

function isSigned(request: ReadStunMessage): boolean {
  return request.isSignedBy(key);
}

function nonceOf(request: ReadStunMessage): string {
  return new TextDecoder().decode(attributeOf(request, attributes.nonce));
}

describe("a client of a TURN server", () => {
  test("shows its login when it is asked for it, and not before", async () => {
    const server = new ScriptedServer((request) => (isSigned(request) ? success(request, key) : refusal(request, 401)));
    const allocated = await new TurnClient(server).allocate(login);
    expect(allocated).toEqual({ ok: true, value: { relayed, lifetime: 600, open: false } });
    expect(server.asked.map((request) => attributeOf(request, attributes.username) !== undefined)).toEqual([
      false,
      true,
    ]);
    expect(server.asked.every(({ method }) => method === methods.allocate)).toBe(true);
  });

  test("takes the new nonce of a 438 once, and then tells it", async () => {
    const server = new ScriptedServer((request, n) => refusal(request, n === 1 ? 401 : 438, `nonce-${n}`));
    expect(await new TurnClient(server).allocate(login)).toMatchObject({ ok: false, failure: { code: 438 } });
    expect(server.asked.map(nonceOf)).toEqual(["", "nonce-1", "nonce-2"]);
  });

  test.for([
    ["by nobody", undefined],
    ["by somebody else", Buffer.from("another key")],
  ] as const)("believes no success that is signed %s", async ([, signing]) => {
    const server = new ScriptedServer((request, n) => (n === 1 ? refusal(request, 401) : success(request, signing)));
    expect(await new TurnClient(server).allocate(login)).toMatchObject({ ok: false, failure: { is: "garbled" } });
  });

  test("tells a server that asks for no login", async () => {
    const server = new ScriptedServer((request) => success(request));
    expect(await new TurnClient(server).allocate(login)).toMatchObject({ ok: true, value: { open: true } });
  });

  test("passes over answers to questions that it did not ask", async () => {
    const server = new ScriptedServer((request) => {
      server.say(success({ ...request, transaction: new Uint8Array(12) }, key));
      return refusal(request, 508);
    });
    expect(await new TurnClient(server).allocate(login)).toMatchObject({ ok: false, failure: { code: 508 } });
  });

  test("asks once more over UDP where an answer is lost, and never over TCP", async () => {
    const lossy = new ScriptedServer((request, n) => (n === 1 ? undefined : refusal(request, 486)), false);
    expect(await new TurnClient(lossy).allocate(login)).toMatchObject({ ok: false, failure: { code: 486 } });
    expect(lossy.asked).toHaveLength(2);
    expect(lossy.asked[1]?.transaction).toEqual(lossy.asked[0]?.transaction);
    const silent = new ScriptedServer(() => undefined);
    const told = await new TurnClient(silent, 600).allocate(login);
    expect(told).toEqual({ ok: false, failure: { is: "timeout", while: "asking" } });
    expect(silent.asked).toHaveLength(1);
  });

  test("tells why its wire ended to whoever waits, and to whoever asks later", async () => {
    const server = new ScriptedServer(() => {
      server.end.end({ is: "closed" });
      return undefined;
    });
    const client = new TurnClient(server);
    expect(await client.allocate(login)).toEqual({ ok: false, failure: { is: "closed" } });
    expect(await client.permit("192.0.2.1")).toEqual({ ok: false, failure: { is: "closed" } });
  });

  test("hears data of a peer as an indication, and as channel data of a channel that was bound", async () => {
    const server = new ScriptedServer((request) => {
      if (request.kind === "indication") return undefined;
      return isSigned(request) ? success(request, key) : refusal(request, 401);
    });
    const client = new TurnClient(server);
    await client.allocate(login);
    const peer = { address: "192.0.2.9", port: 9 };
    const heard: unknown[] = [];
    client.onData((from, data) => heard.push([from, Buffer.from(data).toString()]));
    expect(await client.bind(0x4000, peer)).toEqual({ ok: true, value: undefined });
    server.say(Uint8Array.from([0x40, 0x00, 0, 2, ...Buffer.from("hi"), 0, 0]));
    server.say(Uint8Array.from([0x40, 0x01, 0, 2, ...Buffer.from("no"), 0, 0]));
    server.say(Uint8Array.of(0x40, 0x00, 0, 200, 1));
    const transaction = new Uint8Array(12);
    const value = writeXorAddress(peer, transaction) ?? new Uint8Array();
    const given = [
      { type: attributes.xorPeerAddress, value },
      { type: attributes.data, value: Buffer.from("you") },
    ];
    server.say(writeStun({ kind: "indication", method: methods.data, transaction, attributes: given }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([
      [peer, "hi"],
      [peer, "you"],
    ]);
  });
});
