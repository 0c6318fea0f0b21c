// Stages over real servers for the store's contracts: two stores of one memory, which can be lost, emptied and aged.
import type { Happening } from "@heliograph/core";
import type { Ability, MemoryStage } from "@heliograph/core/contract";
import type { Store, StoreOptions } from "@heliograph/store";
import { openStore, redisPermissions } from "@heliograph/store";
import { SystemClock, systemRandom } from "@heliograph/system";
import { Redis } from "ioredis";
import { until } from "../kit/until.ts";

/** What a stage needs of the servers behind it, whichever they are. */
export interface Memory {
  /** As the user whose permissions are on trial. */
  readonly options: StoreOptions;
  /** Asks every server that keeps something, as somebody who may do everything. */
  everywhere(command: string, ...words: readonly string[]): Promise<void>;
  readonly outage: Ability<{ begin(): Promise<void>; end(): Promise<void> }>;
  /** The way of the first store only, and the options that lead over it. */
  readonly link: Ability<{ readonly options: StoreOptions; cut(): Promise<void>; mend(): Promise<void> }>;
}

export const user = { username: "heliograph-edge", password: "correct horse" };
export const keeper = { username: "heliograph-keeper", password: "battery staple" };
export const acl = [redisPermissions("edge", user), redisPermissions("keeper", keeper)];

/**
 * Connections for whoever may do everything. They stay open, since time passes for what a server keeps while somebody
 * is on the way to it.
 */
export class Administrator {
  readonly #connections: readonly Redis[];

  constructor(servers: readonly { readonly host: string; readonly port: number }[]) {
    this.#connections = servers.map(({ host, port }) => {
      const redis = new Redis({ host, port, retryStrategy: () => 20, maxRetriesPerRequest: null });
      // A server that is killed on purpose is no news.
      redis.on("error", () => undefined);
      return redis;
    });
  }

  async everywhere(command: string, ...words: readonly string[]): Promise<void> {
    await Promise.all(this.#connections.map((redis) => redis.call(command, ...words)));
  }

  leave(): void {
    for (const redis of this.#connections) redis.disconnect();
  }
}

/** A store with all that it observed. */
export interface Opened {
  readonly store: Store;
  readonly seen: readonly Happening[];
  readonly faults: () => readonly unknown[];
}

export async function open(options: StoreOptions): Promise<Opened> {
  const seen: Happening[] = [];
  const observer = { observe: (happening: Happening) => void seen.push(happening) };
  const store = await openStore(options, {
    clock: new SystemClock((error) => observer.observe({ type: "fault", where: "a timer", error })),
    random: systemRandom,
    observer,
  });
  return { store, seen, faults: () => seen.filter(({ type }) => type === "fault") };
}

export interface StoreStage extends MemoryStage {
  readonly stores: readonly [Store, Store];
  readonly link: Ability<{ cut(): Promise<void>; mend(): Promise<void> }>;
  readonly emptying: Ability<{ flush(): Promise<void> }>;
}

/** An empty memory with two stores over it, each as the user. */
export async function stageOver(memory: Memory, as = user): Promise<StoreStage> {
  await memory.everywhere("FLUSHALL");
  const { outage, link } = memory;
  const opened = [
    await open({ ...("lacks" in link ? memory.options : link.options), ...as }),
    await open({ ...memory.options, ...as }),
  ] as const;
  const [{ store: one }, { store: two }] = opened;
  const up = (): Promise<void> =>
    until("both stores are up", () => one.copies.link === "up" && two.copies.link === "up");
  return {
    stores: [one, two],
    until: async (holds) => {
      // Most answers are there within some turns of the loop, long before anything that looks at times would see them.
      for (let turn = 0; turn < 200 && !holds(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
      if (!holds()) await until("what the case waits for", holds);
    },
    round: async () => void (await one.counters.peek("round")),
    end: async () => {
      await Promise.all([one.close(), two.close()]);
      const faults = opened.flatMap(({ faults }) => faults());
      if (faults.length > 0) throw new Error("the store reported faults", { cause: faults });
    },
    outage:
      "lacks" in outage
        ? outage
        : {
            begin: async () => {
              await outage.begin();
              await until("both stores are down", () => one.copies.link === "down" && two.copies.link === "down");
            },
            end: async () => {
              await outage.end();
              await up();
            },
          },
    passage: { pass: (ms) => age(memory, ms) },
    link,
    emptying: { flush: () => memory.everywhere("FLUSHALL") },
  };
}

/**
 * Time passes for all that a server keeps, without anybody waiting: whatever has an end comes nearer to it, and moments
 * that were written down move back.
 */
export async function age(memory: Pick<Memory, "everywhere">, ms: number): Promise<void> {
  await memory.everywhere("EVAL", ageing, "0", `${ms}`);
}

const ageing = `
local ms = tonumber(ARGV[1])
local function moved(text)
  return (string.gsub(text, '^%d+', function(at) return string.format('%.0f', at - ms) end))
end
for _, key in ipairs(redis.call('KEYS', 'hg:*')) do
  local kind = redis.call('TYPE', key)['ok']
  local left = redis.call('PTTL', key)
  if left >= 0 and left < ms then
    redis.call('DEL', key)
  else
    if kind == 'zset' then
      for _, name in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ms, name) end
    elseif kind == 'list' then
      for i, text in ipairs(redis.call('LRANGE', key, 0, -1)) do redis.call('LSET', key, i - 1, moved(text)) end
    elseif kind == 'hash' and string.find(key, 'hg:{c:', 1, true) == 1 and redis.call('HEXISTS', key, 'record') == 1 then
      redis.call('HINCRBY', key, 'at', -ms)
    end
    if left >= 0 then redis.call('PEXPIRE', key, left - ms) end
  end
end
return 1
`;
