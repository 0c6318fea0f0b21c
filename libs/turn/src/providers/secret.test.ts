import { createHmac } from "node:crypto";
import type { IceAsker } from "@heliograph/core";
import { otherRealm, realm, sessionId } from "@heliograph/core/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eu, hidden, us } from "../../contract/fixtures.ts";
import { iceAsker, iceSourceContract } from "../../contract/ice-source.ts";
import type { SecretSettings } from "./secret.ts";
import { SecretSource } from "./secret.ts";

const secretA = "lab-secret-A-lab-secret-A-lab-secret-A-1234";
const secretB = "lab-secret-B-lab-secret-B-lab-secret-B-1234";
const tagKey = hidden(new TextEncoder().encode("a key for tags, of thirty-two b."));
const hour = 3_600;

function settings(more: Partial<SecretSettings> = {}): SecretSettings {
  return { secrets: [hidden(secretA)], tagKey, ttl: hour, zones: [eu, us], ...more };
}

/** A source over a clock that stands at a second and a half. */
function stand(more: Partial<SecretSettings> = {}) {
  const clock = { time: 1_790_000_000_500, now: () => clock.time };
  return { clock, source: new SecretSource("own", settings(more), clock) };
}

/** What coturn computes, written apart from the source: is the login one that this secret signed? */
function signedBy(secret: string, { username, password }: { username: string; password: string }): boolean {
  return (
    createHmac("sha1", Buffer.from(secret, "utf8")).update(Buffer.from(username, "utf8")).digest("base64") === password
  );
}

function given(source: SecretSource, asker: IceAsker = iceAsker(1)) {
  const held = source.setFor(asker);
  if (held === undefined) throw new Error("nothing was given");
  return { ...held, tag: held.set.username.replace(/^\d+:/, "") };
}

iceSourceContract("secret", async () => {
  const { clock, source } = stand();
  return {
    source,
    now: () => clock.time,
    renewal: { renew: async () => source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] })) },
    withdrawal: { withdraw: async () => source.replace(settings({ secrets: [hidden(secretB)] })) },
    loss: {
      lose: async () => source.replace(settings({ secrets: [] })),
      recover: async () => source.replace(settings()),
    },
    until: async () => {},
    round: async () => {},
    end: async () => {},
  };
});

describe("a login of our own coturn", () => {
  test("[turn 1] is the second of its end and a tag, signed as coturn checks it", () => {
    const { source, clock } = stand();
    const { set, tag, endsAt } = given(source);
    expect(set.username).toBe(`1790003600:${tag}`);
    expect(tag).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(signedBy(secretA, set)).toBe(true);
    expect(set.password).toMatch(/^[A-Za-z0-9+/]{27}=$/);
    expect(endsAt).toBe(clock.time + hour * 1_000);
  });

  test("[turn 1] has one known answer, as any other implementation gives it", () => {
    // By `printf %s '1790003600:tag' | openssl dgst -sha1 -hmac lab-secret-A -binary | base64`.
    expect(signedBy("lab-secret-A", { username: "1790003600:tag", password: "Gd9q0iO3sxH4ktM8gS8fP/QZbzY=" })).toBe(
      true,
    );
    const { source } = stand({ secrets: [hidden("lab-secret-A")] });
    expect(source.loginTagged("tag")?.password).toBe("Gd9q0iO3sxH4ktM8gS8fP/QZbzY=");
  });

  test("[turn 1] takes the secret letter by letter, even where it looks like hexadecimal or base64", () => {
    for (const secret of ["00ff".repeat(16), "aGVsbG8gd29ybGQhaGVsbG8gd29ybGQhaGVsbG8gd28="]) {
      expect(signedBy(secret, given(stand({ secrets: [hidden(secret)] }).source).set)).toBe(true);
    }
  });

  test("[turn 2] has one tag for a user in two tabs on two nodes, and another for everybody else", () => {
    const [one, two] = [stand().source, stand().source];
    const ann = given(one, iceAsker(1, "ann")).tag;
    expect(given(two, iceAsker(2, "ann")).tag).toBe(ann);
    expect(given(one, iceAsker(1, "bob")).tag).not.toBe(ann);
    const anonymous = given(one, iceAsker(1)).tag;
    expect(given(two, iceAsker(1)).tag).toBe(anonymous);
    expect(given(one, iceAsker(2)).tag).not.toBe(anonymous);
    expect(new Set([ann, anonymous]).size).toBe(2);
  });

  test("[turn 2] tells users of two realms apart, and a user who is called like somebody's session", () => {
    const { source } = stand();
    const ann: IceAsker = { ...iceAsker(1, "ann"), realm };
    expect(given(source, { ...ann, realm: otherRealm }).tag).not.toBe(given(source, ann).tag);
    expect(given(source, iceAsker(2, sessionId(1))).tag).not.toBe(given(source, iceAsker(1)).tag);
  });

  test("[turn 2] keeps its tag through rotations and renewals, so the quota sees one person", () => {
    const { source, clock } = stand();
    const before = given(source, iceAsker(1, "ann")).tag;
    clock.time += 2_000_000;
    source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] }));
    expect(given(source, iceAsker(1, "ann")).tag).toBe(before);
  });

  test("holds nothing of the user's name but what the key makes of it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), (user) => {
        const { tag, set } = given(stand().source, iceAsker(1, user));
        expect(tag).toMatch(/^[A-Za-z0-9_-]{22}$/);
        expect(signedBy(secretA, set)).toBe(true);
      }),
    );
    const key = hidden(new TextEncoder().encode("another key for tags"));
    expect(given(stand({ tagKey: key }).source).tag).not.toBe(given(stand().source).tag);
  });

  test("[turn 3] is signed by the first of two secrets, and by the new first after a reload", () => {
    const { source } = stand({ secrets: [hidden(secretA), hidden(secretB)] });
    const old = given(source);
    const copy = { ...old.set };
    expect(signedBy(secretA, old.set)).toBe(true);
    source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] }));
    const next = given(source);
    expect(signedBy(secretB, next.set)).toBe(true);
    expect(next.generation).toBeGreaterThan(old.generation);
    expect(old.set).toEqual(copy);
    expect(source.withdrawn).toBe(0);
  });

  test("[turn 3] ordinary rotation withdraws nothing: the old secret leaves the list when nothing it signed is alive", () => {
    const { source, clock } = stand();
    given(source);
    source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] }));
    given(source);
    clock.time += (hour + 300) * 1_000;
    source.replace(settings({ secrets: [hidden(secretB)] }));
    expect(source.withdrawn).toBe(0);
  });

  test("a secret that leaves the list too early withdraws the generations that it signed, and no later one", () => {
    const { source } = stand();
    const first = given(source).generation;
    source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] }));
    const second = given(source).generation;
    source.replace(settings({ secrets: [hidden(secretB)] }));
    expect(source.withdrawn).toBe(first);
    expect(second).toBeGreaterThan(first);
  });

  test("a secret that signed a long login is not forgotten for the short ones that followed", () => {
    const { source, clock } = stand({ ttl: 86_400 });
    const first = given(source).generation;
    source.replace(settings({ ttl: 600 }));
    given(source);
    clock.time += 700_000;
    source.replace(settings({ secrets: [hidden(secretB)] }));
    expect(source.withdrawn).toBeGreaterThanOrEqual(first);
  });

  test("a secret that signed nothing may leave at any time", () => {
    const { source } = stand({ secrets: [hidden(secretA), hidden(secretB)] });
    given(source);
    source.replace(settings({ secrets: [hidden(secretA)] }));
    expect(source.withdrawn).toBe(0);
  });

  test("tells since when its secret signs", () => {
    const { source, clock } = stand();
    const began = clock.time;
    clock.time += 5_000;
    source.replace(settings({ secrets: [hidden(secretA), hidden(secretB)] }));
    expect(source.signingSince).toBe(began);
    source.replace(settings({ secrets: [hidden(secretB), hidden(secretA)] }));
    expect(source.signingSince).toBe(began + 5_000);
  });
});
