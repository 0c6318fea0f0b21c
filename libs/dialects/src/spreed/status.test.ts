import { utf8Length } from "@heliograph/protocol";
import { hostile } from "@heliograph/protocol/contract";
import { checkClientFrame } from "@heliograph/protocol/validators";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nothingOwn, readOwn, withStatus, withUa, withUserid } from "./own.ts";
import { nativeAddress, pictureOf, readReference, withPicture, writeReference } from "./picture.ts";
import { ownOf, profileOf, statusOf } from "./status.ts";

const base = "https://signal.example.org";
const stored = { id: "A".repeat(20), change: "abcdefghijkl" };
const reference = writeReference(stored, "image/jpeg");

describe("a status, to native readers", () => {
  test("is a name, a message and a picture", () => {
    const status = { displayName: "Ann", message: "back at 3", buddyPicture: reference, autoCalls: ["conference"] };
    expect(profileOf(status, base)).toEqual({
      name: "Ann",
      status: "back at 3",
      picture: `${base}/v1/picture/${stored.id}/${stored.change}`,
    });
    // Without a base, relative to the base path of the server; Spreed readers of either form read the same.
    const picture = `v1/picture/${stored.id}/${stored.change}`;
    expect(profileOf(status, undefined)).toEqual({ name: "Ann", status: "back at 3", picture });
    for (const of of [base, undefined]) {
      expect(statusOf({ picture }, of)).toMatchObject({ buddyPicture: `img:${stored.id}/${stored.change}` });
    }
  });

  test.for([null, 5, "Ann", [], {}, { displayName: "", message: null, buddyPicture: "" }, { displayName: 5 }])(
    "that is %o says nothing",
    (status) => {
      expect(profileOf(status, base)).toEqual({});
    },
  );

  test("has a picture from elsewhere only by http", () => {
    const picture = (buddyPicture: unknown) => profileOf({ buddyPicture }, base).picture;
    expect(picture("https://example.org/a.png")).toBe("https://example.org/a.png");
    for (const other of [
      "javascript:alert(1)",
      "data:image/svg+xml,<svg/>",
      "img:short/x",
      "https://a b",
      " https://a",
      "//a",
      5,
    ]) {
      expect(picture(other)).toBeUndefined();
    }
  });

  test("is cut at whole characters", () => {
    const { name = "" } = profileOf({ displayName: `a${"€".repeat(100)}` }, base);
    expect(name).toBe(`a${"€".repeat(85)}`);
    expect(utf8Length(profileOf({ message: "😀".repeat(1000) }, base).status ?? "")).toBe(1024);
  });

  test("is always a profile that the native protocol allows", () => {
    const text = fc.oneof(fc.string({ unit: "binary", maxLength: 2000 }), hostile);
    fc.assert(
      fc.property(
        fc.record({ displayName: text, message: text, buddyPicture: text }, { requiredKeys: [] }),
        (status) => {
          const profile = profileOf(status, base);
          expect(checkClientFrame({ type: "profile", n: 1, room: "r", profile })).toMatchObject({ ok: true });
          expect(utf8Length(profile.name ?? "")).toBeLessThanOrEqual(256);
          expect(utf8Length(profile.status ?? "")).toBeLessThanOrEqual(1024);
        },
      ),
      { seed: 6, numRuns: 2000 },
    );
  });
});

describe("a profile, to Spreed readers", () => {
  test("is a status", () => {
    const profile = { name: "Bob", status: "here", picture: "https://example.org/b.png" };
    expect(statusOf(profile, base)).toEqual({ displayName: "Bob", message: "here", buddyPicture: profile.picture });
    expect(statusOf({ name: "Bob" }, base)).toEqual({ displayName: "Bob", message: null });
    expect(statusOf({}, base)).toBeNull();
  });

  test("has the pictures that the cluster serves under their other address", () => {
    const picture = nativeAddress(stored, base);
    expect(statusOf({ picture }, base)).toMatchObject({ buddyPicture: `img:${stored.id}/${stored.change}` });
    for (const address of [
      `${base}.evil${picture.slice(base.length)}`,
      `${base}/x/v1/picture/${stored.id}/${stored.change}`,
    ]) {
      expect(statusOf({ picture: address }, base)).toMatchObject({ buddyPicture: address });
    }
  });

  test("is its member's own words where it has some", () => {
    const own = { Ua: "Chrome", Rev: 3, Userid: "u7", Status: { displayName: "Ann", autoCalls: [] } };
    expect(ownOf({ name: "Ann" }, own, base)).toBe(own);
    expect(ownOf({ name: "Bob" }, undefined, base)).toEqual({
      ...nothingOwn,
      Status: { displayName: "Bob", message: null },
    });
  });

  test("keeps name, message and picture on the way there and back", () => {
    const profile = { name: "Bob", status: "here", picture: nativeAddress(stored, base) };
    expect(profileOf(statusOf(profile, base), base)).toEqual(profile);
  });
});

describe("own words", () => {
  test("are read as they were written, and not believed otherwise", () => {
    const own = { Ua: "Chrome", Rev: 3, Userid: "u7", Status: [null] };
    expect(readOwn(own)).toEqual(own);
    for (const value of [null, [], { Rev: -1 }, { Ua: 5 }]) expect(readOwn(value)).toBeUndefined();
    fc.assert(
      fc.property(hostile, (value) => void readOwn(value)),
      { seed: 6, numRuns: 500 },
    );
  });

  test("count each Hello, Status and login, and a status replaces the former one", () => {
    const hello = withUa(nothingOwn, "Chrome");
    const status = withStatus(withStatus(hello, { displayName: "Ann" }), { message: "x" });
    expect(withUserid(status, "u7")).toEqual({ Ua: "Chrome", Rev: 4, Userid: "u7", Status: { message: "x" } });
  });
});

describe("the picture in a status", () => {
  const pixel = "iVBORw0KGgo=";
  test.for<[unknown, object]>([
    [{}, { kind: "none" }],
    [null, { kind: "none" }],
    [{ buddyPicture: null }, { kind: "none" }],
    [{ buddyPicture: "" }, { kind: "kept" }],
    [{ buddyPicture: reference }, { kind: "kept" }],
    [{ buddyPicture: 5 }, { kind: "dropped", why: "not a text" }],
    [{ buddyPicture: { data: 1 } }, { kind: "dropped", why: "not a text" }],
    [{ buddyPicture: `data:image/png;base64,${pixel}` }, { kind: "upload", mime: "image/png", base64: pixel }],
    [{ buddyPicture: `data:;base64,${pixel}` }, { kind: "upload", mime: "", base64: pixel }],
    [
      { buddyPicture: `\n DATA:image/svg+xml;base64,${pixel}` },
      { kind: "upload", mime: "image/svg+xml", base64: pixel },
    ],
    [{ buddyPicture: "data:image/svg+xml,<svg/>" }, { kind: "dropped", why: "not base64" }],
    [{ buddyPicture: `data:image/png;charset=x;base64,${pixel}` }, { kind: "dropped", why: "not base64" }],
    [{ buddyPicture: "data:" }, { kind: "dropped", why: "not base64" }],
  ])("of %o is %o", ([status, wish]) => {
    expect(pictureOf(status)).toEqual(wish);
  });

  test("is replaced or dropped, and the rest kept", () => {
    const status = { displayName: "Ann", buddyPicture: "data:x", more: [1] };
    expect(withPicture(status, reference)).toEqual({ ...status, buddyPicture: reference });
    expect(withPicture(status, undefined)).toEqual({ displayName: "Ann", more: [1] });
    expect(withPicture("text", reference)).toBe("text");
  });

  test("has a reference of three parts", () => {
    expect(reference).toBe(`img:${stored.id}/${stored.change}/picture.jpg`);
    expect(readReference(reference)).toEqual(stored);
    expect(readReference(`img:${stored.id}/${stored.change}`)).toEqual(stored);
    for (const text of ["img:a/b/c", `img:${stored.id}`, `img:${stored.id}/${stored.change}/a/b`, ""]) {
      expect(readReference(text)).toBeUndefined();
    }
  });

  test("may be a long text of anything without taking long", () => {
    const long = [
      " ".repeat(1_000_000),
      `data:${"a;".repeat(500_000)}`,
      `data:image/png;base64,${"A".repeat(1_000_000)}`,
    ];
    for (const buddyPicture of long) expect(typeof pictureOf({ buddyPicture }).kind).toBe("string");
    expect(profileOf({ buddyPicture: `img:${"A".repeat(1_000_000)}` }, base)).toEqual({});
  });
});
