// One person of the crowd: an SDK client in one room that writes down whatever it says, hears and goes through.
import type { MemberView, Room } from "@heliograph/client";
import { Heliograph, Refusal } from "@heliograph/client";
import { msgpack } from "@heliograph/client/msgpack";
import WebSocket from "ws";
import type { ClientLine, MemberState } from "../checker/journal.ts";
import type { JournalFile } from "./journal-file.ts";

export interface LoadClientOptions {
  readonly name: string;
  /** Tried in turn. */
  readonly urls: readonly string[];
  readonly speaks: "json" | "msgpack";
  readonly journal: JournalFile<ClientLine>;
}

/** Bytes of an SDP line or a line of chat, so that a message weighs what messages weigh. */
const filling = "x".repeat(200);

export class LoadClient {
  readonly name: string;
  readonly client: Heliograph;
  readonly #journal: JournalFile<ClientLine>;
  #room: Room | undefined;
  #sent = 0;
  #unanswered = 0;
  #closing = false;
  #node = "";

  constructor({ name, urls, speaks, journal }: LoadClientOptions) {
    this.name = name;
    this.#journal = journal;
    this.client = new Heliograph({
      url: urls,
      webSocket: WebSocket,
      storage: undefined,
      ...(speaks === "msgpack" ? { codec: msgpack() } : {}),
    });
    this.#listen();
  }

  /** The own id among the members; the same in every room. */
  get id(): string {
    return this.#room?.self ?? "";
  }

  /** The node that it speaks to, or spoke to last. */
  get node(): string {
    return this.#node;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  /** Whether it is heard now. */
  get open(): boolean {
    return this.client.state === "open" && this.#room?.state === "joined";
  }

  /** Members that it shows as away. */
  get missing(): number {
    return [...(this.#room?.members.values() ?? [])].filter(({ state }) => state === "away").length;
  }

  get members(): number {
    return this.#room?.members.size ?? 0;
  }

  async enter(name: string): Promise<void> {
    await this.client.connect();
    const room = await this.client.join(name, { profile: { name: this.name } });
    this.#room = room;
    this.#journal.write({ what: "joined", room: name, self: room.self, members: statesOf(room.members) });
    this.#hear(room);
  }

  /** Tells one member, or everyone. Whatever becomes of it is written down. */
  say(to: string | undefined): void {
    const room = this.#room;
    if (room === undefined) throw new Error(`${this.name} is in no room`);
    this.#sent += 1;
    this.#unanswered += 1;
    const id = `${this.name}#${this.#sent}`;
    const kind = to === undefined ? "broadcast" : "unicast";
    this.#journal.write({ what: "sent", room: room.name, id, kind, ...(to === undefined ? {} : { to }) });
    const value = { id, filling };
    const said = to === undefined ? room.broadcast(value) : room.signal(to, { kind: "custom", value });
    said
      .then(
        () => this.#journal.write({ what: "answered", id, outcome: "applied" }),
        (error: unknown) => {
          if (error instanceof Refusal) {
            this.#journal.write({ what: "answered", id, outcome: "refused", reason: error.reason });
          } else this.#journal.write({ what: "answered", id, outcome: "unknown" });
        },
      )
      .finally(() => {
        this.#unanswered -= 1;
      });
  }

  async end(): Promise<void> {
    this.#closing = true;
    this.client.close();
    await this.#journal.end();
  }

  #listen(): void {
    const { client } = this;
    client.on("welcome", ({ session, resumed, node }) => {
      this.#node = node;
      this.#journal.write({ what: "welcome", session, resumed, node });
    });
    client.on("state", (state) => {
      if (state === "reconnecting") this.#journal.write({ what: "lost" });
      if (state === "closed" && !this.#closing) this.#journal.write({ what: "over", why: "closed" });
    });
    client.on("expired", () => this.#journal.write({ what: "over", why: "expired" }));
    client.on("taken_over", () => this.#journal.write({ what: "over", why: "taken over" }));
  }

  #hear(room: Room): void {
    const { name } = room;
    const said = (from: string, body: unknown, position: string | undefined): void => {
      if (position !== undefined) this.#journal.write({ what: "heard", room: name, id: idOf(body), from, position });
    };
    room.on("broadcast", ({ from, body, position }) => said(from, body, position));
    room.on("signal", ({ from, body, position }) => {
      if (body.kind === "custom") said(from, body.value, position);
    });
    room.on("member", (event) => {
      const { change, position } = event;
      if (change === "count" || change === "updated") return;
      const member = change === "left" ? event.id : event.member.id;
      this.#journal.write({ what: "member", room: name, change, member, position });
    });
    room.on("gap", (gap) => this.#journal.write({ what: "gap", room: name, ...gap }));
    room.on("resumed", ({ verdict }) => {
      this.#journal.write({ what: "resumed", room: name, verdict, members: statesOf(room.members) });
    });
    room.on("left", ({ why }) => {
      if (!this.#closing) this.#journal.write({ what: "left", room: name, why });
    });
  }
}

function statesOf(members: ReadonlyMap<string, MemberView>): Record<string, MemberState> {
  return Object.fromEntries([...members].map(([id, { state }]) => [id, state]));
}

function idOf(body: unknown): string {
  return typeof body === "object" && body !== null && "id" in body ? String(body.id) : JSON.stringify(body);
}
