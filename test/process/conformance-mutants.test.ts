// The kit must be able to fail: servers that misbehave in one way each, and the cases that must notice.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import { runConformance } from "@heliograph/conformance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShortLived } from "./conforming.ts";
import type { Change, Misbehaviour } from "./tampering.ts";
import { TamperingServer } from "./tampering.ts";

/** Changes frames of one type, and lets the others pass. */
function of(type: string, change: Change): () => Change {
  return () => (frame) => (frame["type"] === type ? change(frame) : [frame]);
}

function without(frame: PlainObject, member: string): PlainObject {
  return Object.fromEntries(Object.entries(frame).filter(([name]) => name !== member));
}

/** Remembers whether it has acted, so that it acts once in a connection. */
function once(type: string, change: Change): () => Change {
  return () => {
    let done = false;
    return (frame) => {
      if (done || frame["type"] !== type) return [frame];
      done = true;
      return change(frame);
    };
  };
}

/** A frame of the type waits until another has overtaken it. */
function overtaken(type: string): () => Change {
  return () => {
    let held: PlainObject | undefined;
    return (frame) => {
      const late = held;
      held = undefined;
      if (late !== undefined) return [frame, late];
      if (frame["type"] !== type) return [frame];
      held = frame;
      return [];
    };
  };
}

function object(value: PlainValue | undefined): PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as PlainObject) : {};
}

interface Mutant {
  readonly says: string;
  readonly how: Misbehaviour;
  /** Names of cases; each that it finds must fail. */
  readonly caughtBy: RegExp;
}

const mutants: readonly Mutant[] = [
  {
    says: "never answers a first command",
    how: { down: once("ack", () => []) },
    caughtBy: /^the same n again|^a shared value reaches|^participants may not/,
  },
  {
    says: "tells an ack twice",
    how: { down: of("ack", (ack) => [ack, ack]) },
    caughtBy: /^the same n again|^a shared value reaches/,
  },
  {
    says: "grants ICE servers without saying for how long",
    how: { down: of("ice", (told) => [{ ...told, ice: without(object(told["ice"]), "ttl") }]) },
    caughtBy: /^ice is answered|^a wish is taken/,
  },
  {
    says: "delivers a broadcast twice",
    how: { down: of("broadcast", (said) => [said, said]) },
    caughtBy: /^all members hear one order|^acks are cumulative|^many cuts/,
  },
  {
    says: "loses a broadcast",
    how: { down: once("broadcast", () => []) },
    caughtBy: /^all members hear one order|^acks are cumulative|^what was said meanwhile/,
  },
  {
    says: "lets one broadcast overtake another",
    how: { down: overtaken("broadcast") },
    caughtBy: /^all members hear one order|^acks are cumulative|^what was said meanwhile/,
  },
  {
    says: "answers with a wrong code",
    how: { down: of("refused", (refused) => [{ ...refused, code: Number(refused["code"]) + 1 }]) },
    caughtBy: /^participants may not|^every seat taken|^frames of unknown types/,
  },
  {
    says: "gives a wrong reason, with the right code for it",
    how: { down: of("refused", (refused) => [{ ...refused, code: 4403, reason: "forbidden", retry: false }]) },
    caughtBy: /^every seat taken|^ifVersion|^an n that was skipped/,
  },
  {
    says: "turns retry around",
    how: { down: of("refused", (refused) => [{ ...refused, retry: refused["retry"] !== true }]) },
    caughtBy: /^every seat taken|^an n that was skipped/,
  },
  {
    says: "does not say which command was refused",
    how: { down: of("refused", (refused) => [without(refused, "n")]) },
    caughtBy: /^participants may not|^frames against their schema/,
  },
  {
    says: "echoes broadcasts to their sender",
    how: {
      down: () => (frame) =>
        frame["type"] === "ack"
          ? [{ type: "broadcast", room: frame["room"] ?? "", from: "me", body: 1, position: "1.0.1" }, frame]
          : [frame],
    },
    caughtBy: /^the same n again|^every kind of signal/,
  },
  {
    says: "sends what belongs to another room",
    how: {
      down: of("pong", (pong) => [
        pong,
        { type: "broadcast", room: "elsewhere", from: "them", body: 1, position: "1.0.1" },
      ]),
    },
    caughtBy: /^frames of unknown types|^broken UTF-8|^someone else's room/,
  },
  {
    says: "cuts texts short",
    how: {
      down: of("broadcast", (said) => [
        { ...said, body: typeof said["body"] === "string" ? said["body"].slice(0, 4_000) : (said["body"] ?? null) },
      ]),
    },
    caughtBy: /^every kind of signal|^the same from this codec/,
  },
  {
    says: "gives durable messages no position",
    how: { down: of("broadcast", (said) => [without(said, "position")]) },
    caughtBy: /^every kind of signal|^two rooms of one session/,
  },
  {
    says: "keeps silent about who left",
    how: { down: () => (frame) => (frame["type"] === "member" && frame["change"] === "left" ? [] : [frame]) },
    caughtBy: /^bye leaves every room|^when the last moderator/,
  },
  {
    says: "names no successor",
    how: { down: of("member", (member) => [without(member, "successor")]) },
    caughtBy: /^when the last moderator/,
  },
  {
    says: "forgets what was said before a resume",
    how: {
      down: () => {
        let replaying = false;
        return (frame) => {
          if (frame["type"] === "welcome") replaying = frame["resumed"] === true;
          if (frame["type"] === "resumed") replaying = false;
          return replaying && frame["type"] === "broadcast" ? [] : [frame];
        };
      },
    },
    caughtBy: /^what was said meanwhile|^many cuts/,
  },
  {
    says: "calls a gap complete",
    how: { down: of("resumed", (frame) => [{ ...without(frame, "gap"), verdict: "complete" }]) },
    caughtBy: /^a position of the future|^a stay that was left/,
  },
  {
    says: "miscounts the mark",
    how: { down: of("resumed", (frame) => [{ ...frame, mark: Number(frame["mark"]) + 1 }]) },
    caughtBy: /^a command without an answer|^a command that never arrived/,
  },
  {
    says: "tells of no room in a pong",
    how: { down: of("pong", (pong) => [{ ...pong, rooms: [] }]) },
    caughtBy: /^pong tells/,
  },
  {
    says: "tells the PIN",
    how: {
      down: of("joined", (joined) => {
        const view = object(joined["view"]);
        return [{ ...joined, view: { ...view, settings: { ...object(view["settings"]), salt: "2718-ö" } } }];
      }),
    },
    caughtBy: /^a PIN:/,
  },
  {
    says: "does not look at ifVersion",
    how: { up: of("data", (data) => [without(data, "ifVersion")]) },
    caughtBy: /^ifVersion/,
  },
  {
    says: "keeps owned values for good",
    how: { up: of("data", (data) => [without(data, "owned")]) },
    caughtBy: /^an owned value/,
  },
  {
    says: "lets everybody in",
    how: { up: () => (frame) => (frame["type"] === "room" ? [{ ...frame, set: {} }] : [frame]) },
    caughtBy: /^every seat taken|^a locked room|^a PIN:|^presence (count|none)/,
  },
  {
    says: "stores what is volatile",
    how: { down: of("broadcast", (said) => [{ position: "9.0.9", ...said }]) },
    caughtBy: /^volatile messages arrive/,
  },
  {
    says: "closes with another code",
    how: { close: (code) => (code === 1000 ? 1001 : code === 4400 ? 4401 : code === 4004 ? 4000 : code) },
    caughtBy: /^bye leaves|^a command before hello|^a connection that was overtaken|^twenty mistakes/,
  },
  {
    says: "does not close at all",
    how: { close: () => 1006 },
    caughtBy: /^bye leaves|^a command before hello|^a lower attempt/,
  },
];

let edges: ShortLived;
let upstream: string;
let tampering: TamperingServer | undefined;

beforeEach(async () => {
  edges = new ShortLived();
  upstream = `ws://127.0.0.1:${(await edges.start()).port}/v1/socket`;
});

afterEach(async () => {
  await tampering?.end();
  tampering = undefined;
  await edges.end();
});

async function run(how: Misbehaviour, only: RegExp, deadline: number) {
  tampering = new TamperingServer(upstream, how);
  const lines: string[] = [];
  const tally = await runConformance(await tampering.start(), (line) => lines.push(line), { only, deadline });
  return { tally, lines };
}

const every = new RegExp(mutants.map(({ caughtBy }) => caughtBy.source).join("|"));

test("a proxy that changes nothing is caught by none of them", async () => {
  const { tally, lines } = await run({ down: () => (frame) => [frame], up: () => (frame) => [frame] }, every, 15_000);
  expect(lines.filter((line) => !line.startsWith("passed")).slice(2)).toStrictEqual([]);
  expect(tally.passed).toBeGreaterThan(50);
});

test.each(mutants)("a server that $says is caught", async ({ how, caughtBy }) => {
  // Some mutants keep silent, and each case that waits for them takes its whole deadline.
  const { tally, lines } = await run(how, caughtBy, 1_500);
  expect(lines.filter((line) => line.startsWith("passed"))).toStrictEqual([]);
  expect(tally.failed).toBeGreaterThan(0);
});
