// What the processes of a cluster in memory tell each other besides the log.

import type { RoomKey } from "@heliograph/protocol";
import { Listeners } from "../listeners.ts";
import type { Beat, DigestReport, IceHint, NodeNumbers, Nodes } from "../ports/nodes.ts";
import { Unreachable } from "../ports/unreachable.ts";
import type { RoomCopy } from "../room/copy.ts";
import type { MemoryLink } from "./link.ts";

/** Milliseconds after which a question counts as unanswered. */
const askPatience = 500;

interface Host {
  readonly by: MemoryNodes;
  readonly link: MemoryLink;
  readonly answer: () => RoomCopy | undefined;
}

/** What the nodes share. */
export class NodesHub {
  readonly members = new Set<MemoryNodes>();
  readonly #hosts = new Map<RoomKey, readonly Host[]>();

  hostsOf(room: RoomKey): readonly Host[] {
    return this.#hosts.get(room) ?? [];
  }

  addHost(room: RoomKey, host: Host): void {
    this.#hosts.set(room, [...this.hostsOf(room), host]);
  }

  removeHost(room: RoomKey, host: Host): void {
    const left = this.hostsOf(room).filter((other) => other !== host);
    if (left.length === 0) this.#hosts.delete(room);
    else this.#hosts.set(room, left);
  }
}

export class MemoryNodes implements Nodes {
  readonly #hub: NodesHub;
  readonly #link: MemoryLink;
  readonly #beats = new Listeners<Beat>();
  readonly #digests = new Listeners<DigestReport>();
  readonly #iceSets = new Listeners<IceHint>();
  readonly #numbers = new Listeners<NodeNumbers>();
  readonly #hosted = new Map<Host, RoomKey>();

  constructor(hub: NodesHub, link: MemoryLink) {
    this.#hub = hub;
    this.#link = link;
    hub.members.add(this);
  }

  beat(beat: Beat): void {
    this.#tellOthers((node) => node.#beats, beat);
  }

  onBeat(hear: (beat: Beat) => void): () => void {
    return this.#beats.add(hear);
  }

  sayDigests(report: DigestReport): void {
    this.#tellOthers((node) => node.#digests, report);
  }

  onDigests(hear: (report: DigestReport) => void): () => void {
    return this.#digests.add(hear);
  }

  /** To itself as well: of a single process the keeper's half says what the edge's half waits for. */
  sayIceSet(hint: IceHint): void {
    this.#tell(this, (node) => node.#iceSets, hint);
    this.#tellOthers((node) => node.#iceSets, hint);
  }

  onIceSet(hear: (hint: IceHint) => void): () => void {
    return this.#iceSets.add(hear);
  }

  sayNumbers(numbers: NodeNumbers): void {
    this.#tellOthers((node) => node.#numbers, numbers);
  }

  onNumbers(hear: (numbers: NodeNumbers) => void): () => void {
    return this.#numbers.add(hear);
  }

  async ask(room: RoomKey): Promise<RoomCopy | undefined> {
    await Promise.resolve();
    if (this.#link.state === "down") throw new Unreachable("no other process can be asked");
    const hosts = this.#hub.hostsOf(room).filter((host) => host.by !== this && host.link.state === "up");
    if (hosts.length === 0 && !this.#link.stalled) return undefined;
    return new Promise((resolve) => {
      let open = hosts.length;
      const timer = this.#link.clock.after(askPatience, () => resolve(undefined));
      const hear = (copy: RoomCopy | undefined): void => {
        open -= 1;
        if (copy === undefined && open > 0) return;
        timer.cancel();
        resolve(copy);
      };
      for (const { link, answer } of hosts) {
        carry(this.#link, link, () => {
          const copy = answer();
          carry(link, this.#link, () => hear(copy));
        });
      }
    });
  }

  host(room: RoomKey, answer: () => RoomCopy | undefined): () => void {
    const host = { by: this, link: this.#link, answer };
    this.#hub.addHost(room, host);
    this.#hosted.set(host, room);
    return () => {
      this.#hosted.delete(host);
      this.#hub.removeHost(room, host);
    };
  }

  /** The process is gone. */
  close(): void {
    this.#hub.members.delete(this);
    for (const [host, room] of this.#hosted) this.#hub.removeHost(room, host);
    this.#hosted.clear();
    this.#beats.clear();
    this.#digests.clear();
    this.#iceSets.clear();
  }

  #tellOthers<T>(listeners: (node: MemoryNodes) => Listeners<T>, message: T): void {
    for (const node of this.#hub.members) if (node !== this) this.#tell(node, listeners, message);
  }

  #tell<T>(node: MemoryNodes, listeners: (node: MemoryNodes) => Listeners<T>, message: T): void {
    carry(this.#link, node.#link, () => listeners(node).tell(message));
  }
}

/** Over the sender's link and then the receiver's; never inside the call. */
function carry(from: MemoryLink, to: MemoryLink, arrive: () => void): void {
  const over = (): void => (to.plain ? arrive() : to.passOrLose(arrive));
  if (from.plain) void Promise.resolve().then(over);
  else from.passOrLose(over);
}
