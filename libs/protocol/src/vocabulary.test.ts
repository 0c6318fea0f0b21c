import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closeOf, closes } from "./close-code.ts";
import { compareEpochs, sameEpoch } from "./epoch.ts";
import {
  memberOfSession,
  ownerOf,
  parseKnownRoomName,
  parseMemberId,
  parseNodeId,
  parseRealm,
  parseRoomName,
  parseSessionId,
  personalRoom,
  roomKey,
  roomOf,
  utf8Length,
} from "./ids.ts";
import { accepted, refused } from "./outcome.ts";
import { comparePositions, formatPosition, parsePosition } from "./position.ts";
import { reasonOf, reasons } from "./refusal.ts";

const parsers = { parseRealm, parseRoomName, parseSessionId, parseNodeId, parseMemberId, parsePosition };
const anything = fc.oneof(
  fc.anything({ withBigInt: true }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "a\u0000"),
);

function given<T>(outcome: ReturnType<typeof accepted<T>> | ReturnType<typeof refused>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason} ${outcome.detail}`);
  return outcome.value;
}

describe("parsers", () => {
  test.for(Object.entries(parsers))("%s answers anything at all with a value or a refusal", ([, parse]) => {
    fc.assert(
      fc.property(anything, (raw) => {
        const outcome = parse(raw);
        if (!outcome.ok) expect(["malformed", "too_large"]).toContain(outcome.reason);
        else if (parse !== parsePosition) expect(outcome.value).toBe(raw);
      }),
    );
  });

  test("a realm is 1 to 32 lower-case letters, digits and hyphens", () => {
    for (const realm of ["default", "a-1", "x".repeat(32)]) expect(parseRealm(realm).ok).toBe(true);
    for (const realm of ["", "A", "a:b", "a\n", "x".repeat(33)])
      expect(parseRealm(realm)).toEqual(refused("malformed", "realm"));
  });

  test("a room name is bounded in bytes of UTF-8, not in characters", () => {
    expect(parseRoomName("é".repeat(128)).ok).toBe(true);
    expect(parseRoomName("é".repeat(129))).toEqual(refused("too_large", "room"));
    expect(parseRoomName("😀".repeat(64)).ok).toBe(true);
    expect(parseRoomName("😀".repeat(65))).toEqual(refused("too_large", "room"));
    expect(parseRoomName("x".repeat(257))).toEqual(refused("too_large", "room"));
  });

  test("names with control characters or half a surrogate pair are refused", () => {
    for (const name of ["a\u0000", "a\u007f", "a\r\n", "\ud800", "\udc00\ud800"]) {
      expect(parseRoomName(name).ok, JSON.stringify(name)).toBe(false);
      expect(parseMemberId(name).ok, JSON.stringify(name)).toBe(false);
    }
  });

  test("ids of sessions and nodes are 22 characters of base64url and nothing around them", () => {
    const id = "AZaz09_-AZaz09_-AZaz09";
    expect(memberOfSession(given(parseSessionId(id)))).toBe(id);
    expect(parseNodeId(id).ok).toBe(true);
    for (const wrong of [`${id}\n`, ` ${id}`, id.slice(1), `${id}A`, `${id.slice(1)}+`]) {
      expect(parseSessionId(wrong).ok, wrong).toBe(false);
      expect(parseNodeId(wrong).ok, wrong).toBe(false);
    }
  });

  test("a personal channel has a name that no client can say, and tells whose it is", () => {
    const owner = given(parseSessionId("AZaz09_-AZaz09_-AZaz09"));
    const channel = personalRoom(owner);
    expect(parseRoomName(channel).ok).toBe(false);
    expect(ownerOf(channel)).toBe(owner);
    expect(given(parseKnownRoomName(channel))).toBe(channel);
    expect(given(parseKnownRoomName("lobby"))).toBe("lobby");
    for (const name of [`\u0001lobby`, "\u0001", `${channel}x`, `\u0002${owner}`]) {
      expect(parseKnownRoomName(name).ok, JSON.stringify(name)).toBe(false);
      expect(ownerOf(name as typeof channel), JSON.stringify(name)).toBeUndefined();
    }
    expect(ownerOf(given(parseRoomName(owner)))).toBeUndefined();
  });

  test("realm and room come out of a key as they went in, colons included", () => {
    const realm = given(parseRealm("default"));
    const name = given(parseRoomName("a:b:c"));
    expect(roomOf(roomKey(realm, name))).toEqual({ realm, name });
  });

  test("the length in UTF-8 is what an encoder writes", () => {
    const encoder = new TextEncoder();
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => utf8Length(text) === encoder.encode(text).length));
  });
});

describe("positions", () => {
  const position = fc.record({ seq: fc.maxSafeNat(), index: fc.nat(), time: fc.maxSafeNat() });

  test("a position survives its journey to a client", () => {
    fc.assert(
      fc.property(position, (place) => {
        expect(parsePosition(formatPosition(place))).toEqual(accepted(place));
      }),
    );
  });

  test("numbers beyond the safe ones are refused, not rounded", () => {
    const tooFar = (Number.MAX_SAFE_INTEGER + 1).toString(36);
    expect(parsePosition(`${tooFar}.0.0`)).toEqual(refused("malformed", "position"));
    expect(parsePosition(`0.0.${tooFar}`)).toEqual(refused("malformed", "position"));
  });

  test("positions are ordered by sequence, then index, and the time does not order", () => {
    expect(comparePositions({ seq: 2, index: 0, time: 1 }, { seq: 1, index: 9, time: 2 })).toBeGreaterThan(0);
    expect(comparePositions({ seq: 1, index: 1, time: 9 }, { seq: 1, index: 2, time: 1 })).toBeLessThan(0);
    expect(comparePositions({ seq: 1, index: 1, time: 9 }, { seq: 1, index: 1, time: 1 })).toBe(0);
  });
});

describe("epochs", () => {
  const node = fc.constantFrom("A".repeat(22), "B".repeat(22), "a".repeat(22)).map((raw) => given(parseNodeId(raw)));
  const epoch = fc.record({ attempt: fc.nat({ max: 3 }), bump: fc.nat({ max: 3 }), node });

  test("a higher attempt beats any bump, and a higher bump any node", () => {
    const [low, high] = ["A".repeat(22), "B".repeat(22)].map((raw) => given(parseNodeId(raw)));
    if (low === undefined || high === undefined) throw new Error("two ids were made");
    expect(compareEpochs({ attempt: 2, bump: 0, node: low }, { attempt: 1, bump: 9, node: high })).toBeGreaterThan(0);
    expect(compareEpochs({ attempt: 1, bump: 1, node: low }, { attempt: 1, bump: 0, node: high })).toBeGreaterThan(0);
    expect(compareEpochs({ attempt: 1, bump: 0, node: low }, { attempt: 1, bump: 0, node: high })).toBeLessThan(0);
  });

  test("the order is total, and only equal epochs are the same", () => {
    fc.assert(
      fc.property(epoch, epoch, epoch, (a, b, c) => {
        expect(Math.sign(compareEpochs(a, b))).toBe(-Math.sign(compareEpochs(b, a)) + 0);
        expect(compareEpochs(a, b) === 0).toBe(sameEpoch(a, b));
        if (compareEpochs(a, b) > 0 && compareEpochs(b, c) > 0) expect(compareEpochs(a, c)).toBeGreaterThan(0);
      }),
    );
  });
});

describe("tables", () => {
  test("each refusal has a code of its own, and the code leads back to it", () => {
    const all = Object.entries(reasons);
    expect(new Set(all.map(([, { code }]) => code)).size).toBe(all.length);
    for (const [reason, { code }] of all) expect(reasonOf(code)).toBe(reason);
    expect(reasonOf(4999)).toBeUndefined();
  });

  test("codes on the wire are what they always were", () => {
    expect(
      Object.fromEntries(Object.entries(reasons).map(([reason, { code }]) => [reason, code])),
    ).toMatchInlineSnapshot(`
      {
        "already": 4408,
        "banned": 4420,
        "conflict": 4412,
        "expired": 4410,
        "forbidden": 4403,
        "full": 4424,
        "locked": 4421,
        "malformed": 4400,
        "not_a_member": 4404,
        "pin_not_needed": 4427,
        "pin_required": 4422,
        "pin_wrong": 4423,
        "retry": 4428,
        "slow_down": 4429,
        "superseded": 4409,
        "too_early": 4407,
        "too_large": 4413,
        "too_many_guesses": 4426,
        "too_many_rooms": 4425,
        "unauthorized": 4401,
        "unavailable": 4503,
        "unknown": 4411,
        "unknown_peer": 4405,
        "unknown_type": 4406,
      }
    `);
    expect(Object.fromEntries(Object.entries(closes).map(([close, { code }]) => [close, code]))).toMatchInlineSnapshot(`
      {
        "broken": 1011,
        "expired": 4005,
        "flood": 4429,
        "goaway": 4000,
        "hello_deadline": 4408,
        "idle": 4002,
        "malformed": 4400,
        "normal": 1000,
        "protocol": 4406,
        "slow_consumer": 4001,
        "taken_over": 4004,
        "too_large": 1009,
        "unauthorized": 4401,
        "unavailable": 4003,
      }
    `);
  });

  test("each close has a code that a program may send, and the code leads back to it", () => {
    const all = Object.entries(closes);
    expect(new Set(all.map(([, { code }]) => code)).size).toBe(all.length);
    for (const [close, { code }] of all) {
      expect(closeOf(code)).toBe(close);
      // RFC 6455 section 7.4.2: 4000 to 4999 are for private use.
      expect([1000, 1009, 1011].includes(code) || (code >= 4000 && code <= 4999)).toBe(true);
    }
    expect(closeOf(1006)).toBeUndefined();
  });

  test("a refusal has only the members it was given", () => {
    expect(refused("full")).toEqual({ ok: false, reason: "full" });
    expect(Object.keys(refused("full"))).toEqual(["ok", "reason"]);
    expect(refused("slow_down", "room", 500)).toEqual({ ok: false, reason: "slow_down", detail: "room", retryIn: 500 });
  });
});
