// Everything that is asked of one stream: its markers, its tails, its reads.
import type { Clock } from "@heliograph/core";
import type { NatsLink } from "../link/nats-link.ts";
import type { StreamApi } from "../stream/api.ts";
import type { DirectGets } from "../stream/direct-gets.ts";
import { Markers } from "../stream/markers.ts";
import { Tails } from "../stream/tails.ts";
import { type MessageReader, Reads } from "./reads.ts";

export interface ShardPorts {
  readonly link: NatsLink;
  readonly clock: Clock;
  readonly gets: DirectGets;
  readonly api: StreamApi;
  readonly read: MessageReader;
  suspect(shard: number): void;
}

export class Shard {
  readonly markers: Markers;
  readonly tails: Tails;
  readonly reads: Reads;

  constructor(shard: number, process: string, ports: ShardPorts) {
    const { link, clock, gets, api, read } = ports;
    this.markers = new Markers(shard, process, link, clock, () => ports.suspect(shard));
    this.tails = new Tails(shard, gets, this.markers, clock);
    this.reads = new Reads(shard, { gets, api, clock, read });
  }
}
