// A room as the application holds it: who and what is in it, and what can be said and done there.
import type { ClientFrame, SignalBody } from "@heliograph/protocol/schema";
import type { Listener, Off } from "./emitter.ts";
import type { ClientEvents, Report } from "./heliograph.ts";
import type { IceSource } from "./ice.ts";
import type { Profile } from "./joins.ts";
import type { Membership } from "./membership.ts";
import { plain } from "./plain.ts";
import type { RoomEvents, RoomState, SignalEvent } from "./room-events.ts";
import type { MemberView, RoomPicture, SettingsView, SharedValue } from "./room-picture.ts";
import type { Clock, Random } from "./surroundings.ts";

/** What calls need of the client that their room belongs to. */
export interface CallClient {
  readonly clock: Clock;
  readonly random: Random;
  readonly ice: IceSource;
  on(type: "ice", listener: Listener<ClientEvents["ice"]>): Off;
  report(report: Report): void;
  failed(error: unknown, where: string): void;
}

export interface SettingsChange {
  /** Seats; 0: no bound. */
  readonly capacity?: number;
  /** `null` removes it. */
  readonly pin?: string | null;
  readonly locked?: boolean;
  readonly roomType?: SettingsView["roomType"];
  readonly presence?: SettingsView["presence"];
}

/** What a command becomes once it has its number. */
type Numbered<Frame> = Frame extends { readonly n: number } ? Omit<Frame, "n" | "room"> : never;
type Command = Numbered<ClientFrame>;

/**
 * Every command resolves when the cluster has applied it, and rejects with `Refusal` when it was not applied, or with
 * `OutcomeUnknown` when the stay ended or the room's log was lost first. Reconnects in between need no care: a command is applied once.
 */
export class Room {
  readonly client: CallClient;
  readonly #membership: Membership;
  readonly #picture: RoomPicture;

  constructor(membership: Membership, picture: RoomPicture, client: CallClient) {
    this.client = client;
    this.#membership = membership;
    this.#picture = picture;
  }

  get name(): string {
    return this.#membership.name;
  }
  /** Our own member id. */
  get self(): string {
    return this.#membership.self;
  }
  get state(): RoomState {
    return this.#membership.state;
  }
  /** Everyone, ourselves included; only ourselves unless presence is `full`. */
  get members(): ReadonlyMap<string, MemberView> {
    return this.#picture.members;
  }
  get count(): number {
    return this.#picture.count;
  }
  get settings(): SettingsView {
    return this.#picture.settings;
  }
  get data(): ReadonlyMap<string, SharedValue> {
    return this.#picture.data;
  }

  on<Type extends keyof RoomEvents>(type: Type, listener: Listener<RoomEvents[Type]>): Off {
    return this.#membership.events.on(type, listener);
  }

  /** For calls: signals about calls, beginning with those that came while nobody listened this way. */
  claimSignals(listener: Listener<SignalEvent>): Off {
    return this.#membership.claimSignals(listener);
  }

  /** Tells one member something. It is not echoed. */
  signal(to: string, body: SignalBody): Promise<void> {
    if (body.kind !== "custom") return this.#quiet({ type: "signal", to, body });
    return this.#plain(body.value ?? null, (value) =>
      this.#quiet({ type: "signal", to, body: { kind: "custom", value } }),
    );
  }

  /** Tells everyone else something: any JSON value. It is not echoed. */
  broadcast(value: unknown): Promise<void> {
    return this.#plain(value ?? null, (body) => this.#quiet({ type: "broadcast", body }));
  }

  /** At most once, unordered, unanswered, gone when nobody listens: for cursors and meters. */
  sendVolatile(value: unknown, options: { readonly to?: string } = {}): void {
    const room = this.name;
    const { to } = options;
    const body = plain(value) ?? null;
    this.#membership.sendVolatile(
      to === undefined
        ? { type: "broadcast", room, body, durable: false }
        : { type: "signal", room, to, body: { kind: "custom", value: body }, durable: false },
    );
  }

  /** Replaces our profile as a whole. */
  setProfile(profile: Profile): Promise<void> {
    return this.#echoed({ type: "profile", profile });
  }

  /** `ifVersion`: only while the key has this version, 0: while it does not exist. `owned`: goes when we leave. */
  setData(
    key: string,
    value: unknown,
    options: { readonly ifVersion?: number; readonly owned?: boolean } = {},
  ): Promise<void> {
    return this.#plain(value, (kept) => {
      if (kept === undefined) throw new TypeError("There is no value; use deleteData to remove one.");
      return this.#echoed({ type: "data", key, value: kept, ...options });
    });
  }

  deleteData(key: string, options: { readonly ifVersion?: number } = {}): Promise<void> {
    return this.#echoed({ type: "data", key, ...options });
  }

  /** Moderators only, as everything from here on. */
  set(set: SettingsChange): Promise<void> {
    return this.#echoed({ type: "room", set });
  }

  remove(member: string): Promise<void> {
    return this.#echoed({ type: "moderate", action: "remove", member });
  }

  ban(member: string): Promise<void> {
    return this.#echoed({ type: "moderate", action: "ban", member });
  }

  unban(member: string): Promise<void> {
    return this.#echoed({ type: "moderate", action: "unban", member });
  }

  /** Asks a member to mute; its client obeys or not. */
  mute(member: string, media: "audio" | "video" | "all" = "all"): Promise<void> {
    return this.#echoed({ type: "moderate", action: "mute", member, media });
  }

  setRole(member: string, role: MemberView["role"]): Promise<void> {
    return this.#echoed({ type: "moderate", action: "role", member, role });
  }

  /** Not a moderator's: leaves, and resolves when the others have been told. */
  leave(): Promise<void> {
    return this.#membership.leave();
  }

  /** What is sent again must be what was sent first, whatever becomes of the caller's object. */
  #plain(value: unknown, send: (kept: unknown) => Promise<void>): Promise<void> {
    try {
      return send(plain(value));
    } catch (cause) {
      return Promise.reject(cause instanceof TypeError ? cause : new TypeError("This cannot be sent.", { cause }));
    }
  }

  #quiet(command: Command): Promise<void> {
    return this.#submit(command, true);
  }

  #echoed(command: Command): Promise<void> {
    return this.#submit(command, false);
  }

  #submit(command: Command, quiet: boolean): Promise<void> {
    const room = this.name;
    return this.#membership.submit((n) => ({ ...command, n, room }), quiet);
  }
}
