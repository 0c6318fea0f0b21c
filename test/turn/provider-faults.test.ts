// What may go wrong at any of the services: each attempt ends in a class, and nothing that is printed holds a key.
import { gzipSync } from "node:zlib";
import type { FetchingProvider, FetchOutcome } from "@heliograph/turn";
import { pauseAfter } from "@heliograph/turn";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { freePort } from "../kit/free-port.ts";
import { cloudflareAnswer, spreedAnswer, turnRestAnswer, twilioAnswer } from "../kit/turn-answers.ts";
import type { Script } from "../kit/turn-service.ts";
import { TurnService } from "../kit/turn-service.ts";
import type { Stage } from "./provider-stage.ts";
import { disguises, good, keys, makers, serviceUrl, shown, stage } from "./provider-stage.ts";

type Kind = keyof typeof makers;

let on: Stage;

beforeEach(async () => {
  on = await stage();
});
afterEach(() => on.service.stop());

const login = { username: "user-of-the-answer", password: "password-of-the-answer" };

const goodAnswers: Readonly<Record<Kind, Script>> = {
  "turn-rest": turnRestAnswer(login),
  spreed: (request) => spreedAnswer(request, login, { session: "session-of-the-answer" }),
  twilio: twilioAnswer(login),
  cloudflare: cloudflareAnswer(login),
};

/** Services say in their errors what they were asked with; whoever prints an answer prints that. */
const telltale = { code: 20_003, message: Object.values(keys).join(" "), password: login.password };

interface Fault {
  readonly name: string;
  readonly script: Script;
  readonly expected: FetchOutcome["class"];
  /** Milliseconds of a pause that the service named. */
  readonly wait?: number;
}

const fault = (name: string, script: Script, expected: FetchOutcome["class"], wait?: number): Fault => ({
  name,
  script,
  expected,
  ...(wait === undefined ? {} : { wait }),
});

const faults: readonly Fault[] = [
  fault("401", { status: 401, body: telltale }, "refused"),
  fault("403", { status: 403, body: telltale }, "refused"),
  fault("404", { status: 404, body: telltale }, "refused"),
  fault("422", { status: 422, body: telltale }, "refused"),
  fault("429 with seconds", { status: 429, body: telltale, headers: { "retry-after": "120" } }, "throttled", 120_000),
  fault(
    "429 with a date",
    { status: 429, headers: { "retry-after": new Date(1_790_000_090_000).toUTCString() } },
    "throttled",
    90_000,
  ),
  fault("429 that names no pause", { status: 429, body: telltale }, "throttled"),
  fault("429 for a day", { status: 429, headers: { "retry-after": "86400" } }, "throttled", 600_000),
  fault("500", { status: 500, body: telltale }, "transient"),
  fault("503", { status: 503, body: telltale }, "transient"),
  fault("503 with Retry-After", { status: 503, headers: { "retry-after": "30" } }, "throttled", 30_000),
  fault("408", { status: 408 }, "transient"),
  fault("a redirect inwards", { status: 302, headers: { location: "http://169.254.169.254/latest/" } }, "bad"),
  fault("HTML", { type: "text/html", body: "<p>Log in</p>" }, "bad"),
  fault("no type", { type: null, body: telltale }, "bad"),
  fault("another object", { body: telltale }, "bad"),
  fault("truncated JSON", { body: JSON.stringify(telltale).slice(0, -9) }, "bad"),
  fault("70 KiB", { body: { ...telltale, more: "x".repeat(70 * 1_024) } }, "bad"),
  fault("a bomb", { headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(9_000_000, 32)) }, "bad"),
  fault("no content", { status: 204, type: null }, "bad"),
  fault("half a body", { body: telltale, cutAfter: 20 }, "transient"),
];

const kinds: readonly Kind[] = ["turn-rest", "spreed", "twilio", "cloudflare"];

describe.each(kinds)("%s", (kind) => {
  const make = (at: Stage = on): FetchingProvider => makers[kind](at);

  test("a good answer is a set", async () => {
    on.service.answers(goodAnswers[kind]);
    expect(good(await make().fetch(undefined))).toMatchObject({ set: login });
  });

  test.each(faults)("[turn 15] $name", async ({ script, expected, wait }) => {
    on.service.answers(script);
    const outcome = await make().fetch(undefined);
    expect(outcome.class).toBe(expected);
    if (outcome.class === "throttled") expect(outcome.wait).toBe(wait);
    expect(outcome).not.toHaveProperty("set");
    expect(on.service.count, "one attempt").toBe(1);
  });

  test("[turn 15] pauses follow: 300 s after 401, 120 s where the service says so, doubling after 500", async () => {
    const provider = make();
    const pauseFor = async (script: Script, failures: number, chance: number) => {
      on.service.answers(script);
      const outcome = await provider.fetch(undefined);
      if (outcome.class === "ok") throw new Error("that was no failure");
      return pauseAfter(outcome, failures, chance);
    };
    expect(await pauseFor({ status: 401 }, 1, 0)).toBe(300_000);
    expect(await pauseFor({ status: 429, headers: { "retry-after": "120" } }, 1, 0)).toBe(120_000);
    for (const failures of [1, 2, 3]) {
      const least = 500 * 2 ** (failures - 1);
      expect(await pauseFor({ status: 500 }, failures, 0)).toBe(least);
      expect(await pauseFor({ status: 500 }, failures, 0.999_999)).toBe(2 * least);
    }
  });

  test("[turn 12] a redirect takes the key nowhere, whatever the host", async () => {
    const other = await TurnService.start();
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        on.service.answers({ status, headers: { location: `${other.url}/` } });
        expect((await make().fetch(undefined)).class).toBe("bad");
      }
      expect(other.count).toBe(0);
      expect(other.connections).toBe(0);
    } finally {
      await other.stop();
    }
  });

  test("[turn 13] a service that hangs is given up after 5 s", async () => {
    on.service.answers({ hang: "answer" });
    const attempt = make().fetch(undefined);
    await on.service.arrived(1);
    await on.clock.advance(5_000);
    expect(await attempt).toEqual({ class: "transient", why: "no answer within 5 s" });
  });

  test("a service that is not there, or that speaks no TLS, passes", async () => {
    const nobody = { ...on, url: serviceUrl(`http://127.0.0.1:${await freePort()}/`) };
    expect((await make(nobody).fetch(undefined)).class).toBe("transient");
    const plain = { ...on, url: serviceUrl(`https://127.0.0.1:${on.service.port}/`) };
    expect((await make(plain).fetch(undefined)).class).toBe("transient");
    const inside = { ...on, url: serviceUrl(`https://localhost:${on.service.port}/`) };
    expect((await make(inside).fetch(undefined)).class).toBe("refused");
    expect(on.service.count).toBe(0);
  });

  test("[turn 36] nothing prints a key, a token or what was answered, neither the outcomes nor anything on the way", async () => {
    const printed: string[] = [];
    const keep = (...values: readonly unknown[]): boolean => {
      printed.push(shown(...values));
      return true;
    };
    const spies = [
      vi.spyOn(process.stdout, "write").mockImplementation((text) => keep(text)),
      vi.spyOn(process.stderr, "write").mockImplementation((text) => keep(text)),
      vi.spyOn(process, "emitWarning").mockImplementation(keep),
      ...(["debug", "log", "info", "warn", "error", "trace"] as const).map((name) =>
        vi.spyOn(console, name).mockImplementation(keep),
      ),
    ];
    const outcomes: unknown[] = [];
    try {
      const provider = make();
      for (const { script } of faults) {
        on.service.answers(script);
        outcomes.push(await provider.fetch(undefined));
      }
      const nobody = { ...on, url: serviceUrl(`http://127.0.0.1:${await freePort()}/`) };
      outcomes.push(await make(nobody).fetch(undefined));
      on.service.answers({ hang: "body", body: telltale });
      const attempt = provider.fetch(undefined);
      await on.service.arrived(faults.length + 1);
      await on.clock.advance(5_000);
      outcomes.push(await attempt);
      on.service.answers(goodAnswers[kind]);
      const { set, ...rest } = good(await provider.fetch(undefined));
      // The login is in the set alone, which is never printed; our keys are not even there.
      printed.push(shown(...outcomes, rest, provider));
      const text = shown(set);
      for (const key of Object.values(keys))
        for (const disguise of disguises(key)) expect(text).not.toContain(disguise);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    const all = printed.join("\n");
    expect(all).toContain("status 401");
    for (const secret of [...Object.values(keys), login.password, "session-of-the-answer"]) {
      for (const disguise of disguises(secret)) expect(all, secret).not.toContain(disguise);
    }
    // What was searched for did go out: a provider that sends no key proves nothing.
    const sent = on.service.requests.map((request) => `${shown(request)} ${bearerText(request.headers)}`).join("\n");
    const own = {
      "turn-rest": keys.apiKey,
      spreed: keys.accessToken,
      twilio: keys.authToken,
      cloudflare: keys.keyApiToken,
    };
    expect(disguises(own[kind]).some((disguise) => sent.includes(disguise))).toBe(true);
  });
});

function bearerText(headers: Readonly<Record<string, string>>): string {
  return Buffer.from((headers["authorization"] ?? "").replace(/^\w+ /, ""), "base64").toString();
}
