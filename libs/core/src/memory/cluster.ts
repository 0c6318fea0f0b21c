// Every port's twin over one shared memory, so that several nodes in one process behave as a cluster.
import type { NodeId, PictureId, RoomKey } from "@heliograph/protocol";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { RoomCopy } from "../room/copy.ts";
import { CodesShelf, MemoryCodes } from "./codes.ts";
import { MemoryCounters } from "./counters.ts";
import { DirectoryShelf, MemoryDirectory } from "./directory.ts";
import { Expiring } from "./expiring.ts";
import { IceShelf, MemoryIceSets } from "./ice-sets.ts";
import { MemoryLink } from "./link.ts";
import { MemoryLog } from "./log.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { MemoryNodes, NodesHub } from "./nodes.ts";
import { MemoryPictures, type ShelvedPicture } from "./pictures.ts";
import { Reach } from "./reach.ts";
import { MemoryRoomCopies } from "./room-copies.ts";
import type { Retention } from "./stream.ts";
import { MemoryStream } from "./stream.ts";
import { MemoryWhisper, WhisperHub } from "./whisper.ts";

export interface MemoryClusterOptions {
  readonly clock: Clock;
  /** Draws which message suffers what; unused while every link behaves well. */
  readonly random: Pick<Random, "fraction">;
  readonly retention?: Retention;
}

/** One node's ports, and the switches of its two ways out. */
export interface MemoryNode {
  readonly id: NodeId;
  readonly log: MemoryLog;
  readonly whisper: MemoryWhisper;
  readonly nodes: MemoryNodes;
  readonly copies: MemoryRoomCopies;
  readonly directory: MemoryDirectory;
  readonly pictures: MemoryPictures;
  readonly codes: MemoryCodes;
  readonly counters: MemoryCounters;
  readonly iceSets: MemoryIceSets;
  /** The message plane as this node reaches it: `cut`, `stall`, `mend`, `misbehave`. */
  readonly link: MemoryLink;
  /** The shared memory as this node reaches it. */
  readonly reach: Reach;
  /** The process died: nothing of it is heard any more, and nothing reaches it. */
  kill(): void;
}

export class MemoryCluster {
  /** The shared memory as all nodes reach it. */
  readonly reach = new Reach();
  readonly stream: MemoryStream;
  readonly #options: MemoryClusterOptions;
  readonly #whispers = new WhisperHub();
  readonly #nodes = new NodesHub();
  readonly #copies: Expiring<RoomKey, RoomCopy>;
  readonly #directory: DirectoryShelf;
  readonly #pictures: Expiring<PictureId, ShelvedPicture>;
  readonly #codes: CodesShelf;
  readonly #counts: Expiring<string, number>;
  readonly #iceSets: IceShelf;

  constructor(options: MemoryClusterOptions) {
    const { clock } = options;
    this.#options = options;
    this.stream = new MemoryStream(clock, options.retention);
    this.#directory = new DirectoryShelf(clock);
    this.#copies = new Expiring(clock);
    this.#pictures = new Expiring(clock);
    this.#codes = new CodesShelf(clock);
    this.#counts = new Expiring(clock);
    this.#iceSets = new IceShelf(clock);
  }

  /** A new process joins; `misbehaviour` is its link's from the start. */
  node(id: NodeId, misbehaviour?: Partial<Misbehaviour>): MemoryNode {
    const link = new MemoryLink(this.#options.clock, this.#options.random);
    if (misbehaviour !== undefined) link.misbehave(misbehaviour);
    const reach = new Reach(this.reach);
    const log = new MemoryLog(this.stream, link);
    const nodes = new MemoryNodes(this.#nodes, link);
    return {
      id,
      log,
      nodes,
      whisper: new MemoryWhisper(this.#whispers, link),
      copies: new MemoryRoomCopies(reach, this.#copies),
      directory: new MemoryDirectory(reach, this.#directory),
      pictures: new MemoryPictures(reach, this.#pictures),
      codes: new MemoryCodes(reach, this.#codes),
      counters: new MemoryCounters(reach, this.#counts),
      iceSets: new MemoryIceSets(reach, this.#iceSets),
      link,
      reach,
      kill: () => {
        log.close();
        nodes.close();
        link.cut();
        reach.leave();
      },
    };
  }

  /** What the memory knows of rooms now; called, it knows only that again, as after a failover to a copy that lagged. */
  remember(): () => void {
    const then = this.#copies.remember();
    return () => {
      then();
      this.reach.lost();
    };
  }

  /** The shared memory loses everything it held. */
  flush(): void {
    this.#copies.clear();
    this.#directory.clear();
    this.#pictures.clear();
    this.#codes.clear();
    this.#counts.clear();
    this.#iceSets.clear();
    this.reach.lost();
  }
}
