// The link on a clock of its own: when it gives up, when it comes back, and what it tells whom.
import type { Happening } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import type { Client, Part, Word } from "./client.ts";
import { Refusal } from "./client.ts";
import { ServerError } from "./errors.ts";
import { Link, linkLimits } from "./link.ts";

/** A server that answers as it is told. */
class FakeServer {
  marker = "first life";
  silent = false;
  broken: unknown;
  connection = {};
  dials = 0;
  opened = 0;
  closed = 0;
  readonly asked: string[] = [];
  #end: (() => void) | undefined;

  readonly dial = async (signal: AbortSignal): Promise<Client> => {
    this.dials += 1;
    signal.throwIfAborted();
    if (this.silent) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("off"))));
    if (this.broken !== undefined) throw this.broken;
    this.opened += 1;
    return {
      call: (command, words) => this.#answer(command, words),
      parts: (): readonly Part[] => [{ connection: this.connection, lifeKey: "life" }],
      onEnd: (listener) => {
        this.#end = listener;
      },
      onChange: () => undefined,
      close: () => {
        this.closed += 1;
      },
    };
  };

  end(): void {
    this.#end?.();
  }

  #answer(command: string, words: readonly Word[]): Promise<unknown> {
    this.asked.push(`${command} ${String(words[0])}`);
    if (this.silent) return new Promise(() => undefined);
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return Promise.resolve(Buffer.from(this.marker));
  }
}

function world() {
  const random = new SeededRandom(1);
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const server = new FakeServer();
  const seen: Happening[] = [];
  const told: string[] = [];
  const link = new Link(server.dial, { clock, random, observer: { observe: (one) => void seen.push(one) } });
  link.onLink((state) => told.push(state));
  link.onLoss(() => told.push("loss"));
  const faults = (): number => seen.filter(({ type }) => type === "fault").length;
  /** What became of a question, once time has passed that any answer needs. */
  const asking = async (step: (client: Client) => Promise<unknown>): Promise<unknown> => {
    const outcome = link.ask("a test", step).catch((error: unknown) => error);
    await clock.advance(linkLimits.patience);
    return outcome;
  };
  return { clock, server, seen, told, link, faults, asking };
}

const ask = (client: Client): Promise<unknown> => client.call("GET", ["a"]);

describe("a link", () => {
  test("is up once it has looked at the server, and tells nobody of its beginning", async () => {
    const { link, told, server, asking } = world();
    expect(link.state).toBe("down");
    await link.open();
    expect(link.state).toBe("up");
    expect(String(await asking(ask))).toBe("first life");
    expect(told).toEqual([]);
    expect(server.dials).toBe(1);
  });

  test("opens although nobody answers, tries again later and later, and tells when it is up, then of a loss", async () => {
    const { link, told, server, clock, seen } = world();
    server.broken = new Error("ECONNREFUSED");
    await link.open();
    expect(link.state).toBe("down");
    expect(await link.ask("a test", ask).catch((error: unknown) => error)).toBeInstanceOf(Unreachable);
    const dials: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      const before = server.dials;
      await clock.advance(1_000);
      dials.push(server.dials - before);
    }
    expect(dials[0]).toBeGreaterThan(3);
    for (const each of dials.slice(3)) expect(each).toBeLessThanOrEqual(2);
    expect(dials.at(-1)).toBeGreaterThan(0);
    server.broken = undefined;
    await clock.advance(1_000);
    expect(told).toEqual(["up", "loss"]);
    expect(seen).toEqual([{ type: "link", link: "memory", state: "down" }]);
  });

  test("gives up a question without an answer in time, and looks whether the whole is gone", async () => {
    const { link, told, server, clock, asking } = world();
    await link.open();
    expect(await asking(() => new Promise(() => undefined))).toBeInstanceOf(Unreachable);
    expect(link.state).toBe("up");
    server.silent = true;
    expect(await asking(ask)).toBeInstanceOf(Unreachable);
    await clock.advance(linkLimits.patience);
    expect(link.state).toBe("down");
    expect(told).toEqual(["down"]);
    // Nothing is sent any more, and nothing waits.
    const before = server.asked.length;
    await expect(link.ask("a test", ask)).rejects.toBeInstanceOf(Unreachable);
    expect(server.asked.length).toBe(before);
    // An attempt that hangs is given up, too.
    const { dials } = server;
    await clock.advance(linkLimits.dialPatience + 1_000);
    expect(server.dials).toBeGreaterThan(dials);
    server.silent = false;
    await clock.advance(linkLimits.dialPatience + 1_000);
    expect(told).toEqual(["down", "up", "loss"]);
  });

  test("notices by itself that a server fell silent, within its beat and its patience", async () => {
    const { link, server, clock } = world();
    await link.open();
    server.silent = true;
    await clock.advance(linkLimits.beat + linkLimits.patience);
    expect(link.state).toBe("down");
  });

  test("is down the moment its connection ends", async () => {
    const { link, server, told } = world();
    await link.open();
    server.broken = new Error("ECONNREFUSED");
    server.end();
    expect(link.state).toBe("down");
    expect(told).toEqual(["down"]);
  });

  test("tells of an emptied server, and of another one in its place, and of nothing else", async () => {
    const { link, server, clock, told } = world();
    await link.open();
    await clock.advance(10 * linkLimits.beat);
    expect(told).toEqual([]);
    server.marker = "second life";
    await clock.advance(linkLimits.beat);
    expect(told).toEqual(["loss"]);
    server.connection = {};
    await clock.advance(linkLimits.beat);
    expect(told).toEqual(["loss", "loss"]);
    await clock.advance(10 * linkLimits.beat);
    expect(told).toEqual(["loss", "loss"]);
  });

  test("a server that takes no writes is as good as gone", async () => {
    const { link, server, asking, faults } = world();
    await link.open();
    server.broken = new ServerError("READONLY You can't write against a read only replica.");
    expect(await asking(ask)).toBeInstanceOf(Unreachable);
    expect(link.state).toBe("down");
    expect(faults()).toBe(0);
  });

  test("a fault of ours is reported once in a while, rejects, and cuts nothing off", async () => {
    const { link, asking, faults, clock } = world();
    await link.open();
    const wrong = (): never => {
      throw new TypeError("no such thing");
    };
    for (let i = 0; i < 5; i += 1) expect(await asking(wrong)).toBeInstanceOf(Unreachable);
    expect(await asking(() => Promise.reject(new ServerError("WRONGTYPE")))).toBeInstanceOf(Unreachable);
    expect(link.state).toBe("up");
    expect(faults()).toBe(2);
    await clock.advance(linkLimits.quiet);
    await asking(wrong);
    expect(faults()).toBe(3);
  });

  test("takes only so many questions at once", async () => {
    const { link } = world();
    await link.open();
    let answer = (_: string): void => undefined;
    const held = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const asked = Array.from({ length: linkLimits.asked }, () => link.ask("a test", () => held));
    await expect(link.ask("a test", ask)).rejects.toThrow("too many");
    answer("done");
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["done"]));
    expect(await link.ask("a test", ask)).toBeDefined();
  });

  test("a refusal ends the opening; one that comes later is reported, and it goes on trying", async () => {
    const { link, server, clock, faults } = world();
    await link.open();
    server.broken = new Refusal("wrong password");
    server.end();
    await clock.advance(5_000);
    expect(faults()).toBe(1);
    server.broken = undefined;
    await clock.advance(1_000);
    expect(link.state).toBe("up");

    const other = world();
    other.server.broken = new Refusal("wrong password");
    await expect(other.link.open()).rejects.toThrow("wrong password");
    await other.clock.advance(10_000);
    expect(other.server.dials).toBe(1);
  });

  test("a closed link leaves no timer, asks nothing and tells nobody", async () => {
    const { link, server, clock, told } = world();
    await link.open();
    const pending = link.ask("a test", () => new Promise(() => undefined)).catch((error: unknown) => error);
    link.close();
    expect(server.closed).toBe(1);
    server.end();
    await clock.advance(linkLimits.patience);
    expect(await pending).toBeInstanceOf(Unreachable);
    await clock.advance(20_000);
    expect(clock.timers).toBe(0);
    expect(told).toEqual([]);
    expect(server.dials).toBe(1);
    await expect(link.ask("a test", ask)).rejects.toBeInstanceOf(Unreachable);
  });

  test("a link closed while it connects gives up at once, and keeps no connection", async () => {
    const { link, server, clock } = world();
    const opening = link.open();
    link.close();
    await opening;
    await clock.advance(10_000);
    expect(server.closed).toBe(server.opened);
    expect(clock.timers).toBe(0);

    const other = world();
    other.server.silent = true;
    const waiting = other.link.open();
    other.link.close();
    await waiting;
    expect(other.clock.timers).toBe(0);
  });
});
