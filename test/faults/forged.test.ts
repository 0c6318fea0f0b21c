// What a client may make up about itself: tokens, sessions and positions. It is refused, or gets a gap, and never another's.
import { Signer, Tokens } from "@heliograph/core";
import { formatPosition, parseRealm, parseSessionId } from "@heliograph/protocol";
import { systemRandom } from "@heliograph/system";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import type { RunningEdge } from "./house.ts";
import { edgesOf } from "./room.ts";
import { changesOf } from "./told.ts";
import { within } from "./within.ts";
import { WrongClock } from "./wrong-clock.ts";

async function resumed(edge: RunningEdge, token: unknown, attempt: number, position: unknown) {
  const guest = await Guest.at(edge);
  const answers = await guest.resume(token, attempt, [{ room: "tea", position }]);
  return { guest, answer: answers[0] ?? {} };
}

fault("forged positions", {}, async (house) => {
  const [east, west] = await edgesOf(house, 2);
  const ann = await house.member([east], "tea");
  const guest = await Guest.joined(east, "tea");
  for (let line = 0; line < 5; line += 1) await ann.say(`line ${line}`);
  const position = String(guest.position("tea"));
  const [seq = "", index = "", time = ""] = position.split(".");
  const number = (text: string) => Number.parseInt(text, 36);
  const future = formatPosition({ seq: number(seq) + 1_000, index: 0, time: number(time) + 60_000 });
  const elsewhere = formatPosition({ seq: number(seq), index: number(index), time: number(time) - 86_400_000 });
  const beyond = formatPosition({ seq: number(seq), index: 9_999, time: number(time) });
  let attempt = 1;
  for (const forged of [future, elsewhere, beyond]) {
    for (const edge of [east, west]) {
      attempt += 1;
      const { answer, guest: again } = await resumed(edge, guest.token, attempt, forged);
      expect(answer, forged).toMatchObject({ type: "resumed", verdict: "gap" });
      // Nothing is told twice or made up: the room as it is, and what comes from now on.
      expect(again.heard("broadcast", "tea")).toStrictEqual([]);
    }
  }
  for (const malformed of [`-${position}`, `${seq}.-1.${time}`, `${seq}.${index}`, "", "zzzzzzzzzzzzz.0.0", 7, null]) {
    const again = await Guest.at(east);
    again.client.send({
      type: "resume",
      attempt: 99,
      token: guest.token,
      rooms: [{ room: "tea", position: malformed }],
    });
    await again.client.next("refused");
    expect(again.frames.map(({ type, reason }) => `${type} ${reason}`)).toStrictEqual(["refused malformed"]);
    again.client.socket.close();
  }
  attempt += 1;
  const { answer, guest: last } = await resumed(west, guest.token, attempt, position);
  expect(answer).toMatchObject({ type: "resumed", verdict: "complete" });
  await ann.say("after all");
  await last.client.next("broadcast");
  last.leaves();
  expect(ann.members.map(({ change }) => change)).not.toContain("left");
});

fault("wrong tokens and sessions that are over", { settings: { LIMITS_GRACE: "1s" } }, async (house) => {
  const [east, west] = await edgesOf(house, 2);
  const ann = await house.member([east], "tea");
  const failed: unknown[] = [];
  const guest = await Guest.joined(east, "tea");
  const position = guest.position("tea");
  const token = String(guest.token);
  const [realm, session] = [parseRealm("default"), parseSessionId(ann.client.session)];
  if (!realm.ok || !session.ok) throw new Error("a session of the realm is known");
  const key = { id: "k", secret: systemRandom.bytes(32) };
  const forged = new Tokens(new Signer([key]), 86_400_000).issue(
    { realm: realm.value, session: session.value },
    Date.now(),
  );
  const turned = token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");
  const cut = token.slice(0, -5);
  for (const wrong of [forged, turned, cut, "h1.k.default", "", token.replace("default", "another")]) {
    const { answer, guest: again } = await resumed(west, wrong, 2, position);
    expect(answer).toMatchObject({ type: "refused" });
    // What has not even the shape of a token is a mistake of the frame, which may be sent again better.
    if (answer["reason"] === "unauthorized") expect(await again.client.closed()).toBe(4401);
    else expect(answer["reason"]).toBe("malformed");
    again.client.socket.close();
  }
  // A token that was issued two days ago: here by a node whose clock is as late.
  const late = await house.edge({ clock: new WrongClock(-172_800_000, (error) => failed.push(error)) });
  const old = await Guest.joined(late, "tea");
  const { answer: tooOld, guest: gone } = await resumed(west, old.token, 2, old.position("tea"));
  expect(tooOld).toMatchObject({ type: "refused", reason: "expired" });
  expect(await gone.client.closed()).toBe(4005);
  old.leaves();
  // Another's name in a room is no way to speak for it: the token alone says who one is.
  expect(ann.room.state).toBe("joined");
  // Away for longer than the grace: its stay is over, and told so; the session itself may go on.
  guest.client.socket.terminate();
  const { client } = ann;
  await guest.client.closed();
  await ann.say("still here");
  await within(6_000, "it has left", () => changesOf(guest.id, ann).at(-1) === "left");
  const { answer, guest: again } = await resumed(west, token, 3, position);
  expect(answer).toMatchObject({ type: "resumed", verdict: "expired" });
  expect(await again.join("tea")).toMatchObject({ type: "joined" });
  again.leaves();
  expect(client.state).toBe("open");
  expect(failed).toStrictEqual([]);
});
