// Opens the message plane: connects, looks whether servers and streams are what they must be, and puts the ports together.
import { createJsonCodec } from "@heliograph/codec";
import type { Clock, Log, Nodes, Observer, Random, RoomCopies, Whisper } from "@heliograph/core";
import { BusRefused } from "./bus-refused.ts";
import { Inbox } from "./link/inbox.ts";
import { Link } from "./link/link.ts";
import { whyRefused } from "./link/refusals.ts";
import { Requests } from "./link/requests.ts";
import { NatsLog } from "./log/nats-log.ts";
import { NatsNodes } from "./nodes.ts";
import type { BusOptions } from "./options.ts";
import { checkServer } from "./server-check.ts";
import { StreamApi } from "./stream/api.ts";
import { DirectGets } from "./stream/direct-gets.ts";
import { EarlyLosses } from "./stream/early-losses.ts";
import { Streams } from "./stream/streams.ts";
import { replyPrefix } from "./stream/subjects.ts";
import { NatsWhisper } from "./whisper.ts";
import { BundleCodec, entryCodec } from "./wire/bundle.ts";

export interface BusPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  /** Where answers go that are too large for a message. */
  readonly copies: Pick<RoomCopies, "load" | "replace">;
}

/** What is held now: all zero but for `subscriptions` when nobody uses the bus, where those of its own remain. */
export interface BusSize {
  readonly follows: number;
  readonly appends: number;
  readonly reads: number;
  readonly proofs: number;
  readonly whispers: number;
  readonly hosted: number;
  readonly questions: number;
  readonly subscriptions: number;
}

export interface Bus {
  readonly log: Log;
  readonly whisper: Whisper;
  readonly nodes: Nodes;
  readonly size: BusSize;
  /** Observes `log_lost_early` from now on, until what is returned is called: one process of a deployment is enough. */
  watchEarlyLosses(): () => void;
  /** Follows end, what is under way rejects, and the connection goes. */
  close(): Promise<void>;
}

/** Milliseconds between two attempts to open what the servers do not have ready yet. */
const openPause = 250;

/**
 * Waits for the servers as long as they cannot be reached, and says so once. Rejects with `BusRefused` where waiting
 * would not help, and with the signal's reason when it ends the wait.
 */
export async function openBus(options: BusOptions, ports: BusPorts, signal?: AbortSignal): Promise<Bus> {
  const { clock, random, observer } = ports;
  if (options.servers.length === 0) throw new BusRefused("nats.servers names no server: name at least one");
  const denied = new Set<string>();
  let told = false;
  const fault = (where: string, error: unknown): void => observer.observe({ type: "fault", where, error });
  const json = createJsonCodec({ maxBytes: 16 * 1024 * 1024, maxDepth: 64, maxKeys: 1_000_000 });
  const link = new Link(options, { json, clock, random, fault, denied: (what) => denied.add(what) });
  const sender = random.bytes(8);
  const process = Array.from(sender, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const inbox = new Inbox(link, replyPrefix(process));
  const requests = new Requests(link, inbox, clock);
  const api = new StreamApi(requests, json);
  const streams = new Streams(options, api, { clock, fault });
  try {
    for (;;) {
      signal?.throwIfAborted();
      try {
        if (link.state === "down") await link.dial();
        checkServer(link.server, options);
        await streams.open();
        break;
      } catch (error) {
        const refusal = whyRefused(error, options, denied);
        if (refusal !== undefined) throw refusal;
        if (!told) observer.observe({ type: "waiting", link: "log", error });
        told = true;
        await pause(clock, openPause, signal);
      }
    }
  } catch (error) {
    await link.close();
    throw error;
  }
  const codec = entryCodec();
  const log = new NatsLog({
    link,
    inbox,
    gets: new DirectGets(requests, json),
    api,
    bundles: new BundleCodec(sender),
    json,
    clock,
    process,
    shards: options.shards,
    maxAge: options.maxAge,
    suspect: (shard) => streams.suspect(shard),
    fault,
  });
  const whisper = new NatsWhisper(link, codec, options.shards);
  const nodes = new NatsNodes({ link, inbox, codec, clock, copies: ports.copies, shards: options.shards, fault });
  return {
    log,
    whisper,
    nodes,
    get size(): BusSize {
      return {
        ...log.size,
        whispers: whisper.size,
        hosted: nodes.size,
        questions: inbox.size,
        subscriptions: link.size,
      };
    },
    watchEarlyLosses: () => {
      const { shards, maxAge } = options;
      const lost = (shard: number, bundles: number, reach: number): void => {
        observer.observe({ type: "log_lost_early", shard, bundles, reach });
      };
      const losses = new EarlyLosses({ api, clock, random, shards, maxAge, lost });
      return () => losses.end();
    },
    close: async () => {
      log.close();
      whisper.close();
      nodes.close();
      requests.giveUp();
      inbox.end();
      await link.close();
    },
  };
}

/** Ends early when the signal does. */
function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", over);
      resolve();
    };
    const timer = clock.after(ms, over);
    signal?.addEventListener("abort", over);
  });
}
