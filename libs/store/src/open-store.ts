// The whole memory behind one link, opened as a process starts.
import type {
  Clock,
  Codes,
  Counters,
  Directory,
  IceSets,
  Observer,
  Pictures,
  Random,
  RoomCopies,
} from "@heliograph/core";
import { Refusal } from "./client.ts";
import { RedisCodes } from "./codes.ts";
import { RedisCounters } from "./counters.ts";
import { dialer } from "./dial.ts";
import { RedisDirectory } from "./directory.ts";
import { RedisIceSets } from "./ice-sets.ts";
import { Link } from "./link.ts";
import type { StoreOptions } from "./options.ts";
import { RedisPictures } from "./pictures.ts";
import { RedisRoomCopies } from "./room-copies.ts";

/** Redis answers, but will never do as things are. The message says what is wrong and how to mend it. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}

export interface StorePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
}

export interface Store {
  readonly copies: RoomCopies;
  readonly directory: Directory;
  readonly pictures: Pictures;
  readonly codes: Codes;
  readonly counters: Counters;
  readonly iceSets: IceSets;
  /** Nothing is asked or told afterwards. */
  close(): Promise<void>;
}

/**
 * Resolves although Redis is out of reach: a node serves without its memory, and the store goes on trying. Rejects with
 * `StoreRefused` when trying again would not help.
 */
export async function openStore(options: StoreOptions, ports: StorePorts): Promise<Store> {
  const link = new Link(dialer(options, ports.clock), ports);
  try {
    await link.open();
  } catch (error) {
    if (error instanceof Refusal) throw new StoreRefused(error.message, { cause: error });
    throw error;
  }
  return {
    copies: new RedisRoomCopies(link),
    directory: new RedisDirectory(link),
    pictures: new RedisPictures(link),
    codes: new RedisCodes(link),
    counters: new RedisCounters(link),
    iceSets: new RedisIceSets(link),
    close: async () => link.close(),
  };
}
