// One stay in one room: what arrives is put in order, told once and kept as a picture; what leaves goes by the outbox.
import type {
  AckFrame,
  BroadcastedFrame,
  ClientFrame,
  DataChangedFrame,
  GapFrame,
  JoinedFrame,
  MemberFrame,
  ModeratedFrame,
  RefusedFrame,
  ResumedFrame,
  RoomChangedFrame,
  SignalledFrame,
  WireGap,
  WireView,
} from "@heliograph/protocol/schema";
import type { Connection } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { ConnectionOver, OutcomeUnknown, Refusal } from "./failure.ts";
import type { Allowance } from "./outbox.ts";
import { Outbox } from "./outbox.ts";
import { isAfter, Progress } from "./progress.ts";
import type { LeftWhy, RoomEvents, RoomState } from "./room-events.ts";
import { RoomPicture } from "./room-picture.ts";
import type { Place } from "./stored-session.ts";
import type { Clock, Random } from "./surroundings.ts";

type Told = MemberFrame | SignalledFrame | BroadcastedFrame | DataChangedFrame | RoomChangedFrame | ModeratedFrame;
/** Frames that wait for a listener. */
const heldCap = 4096;

export type RoomFrame = Told | AckFrame | GapFrame | JoinedFrame | ResumedFrame;

export interface MembershipParts {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly allowance: Allowance;
  readonly failed: (error: unknown, where: string) => void;
  /** The stay is over; the name is free for another. */
  readonly ended: (membership: Membership) => void;
  /** Where a reloaded page had got to. */
  readonly place?: Place;
}

export class Membership {
  readonly name: string;
  readonly events: Emitter<RoomEvents>;
  readonly #clock: Clock;
  readonly #ended: (membership: Membership) => void;
  readonly #outbox: Outbox;
  readonly #progress: Progress;
  /** Undefined until `joined`: a new stay, or one that a reloaded page took over with its session. */
  #picture: RoomPicture | undefined;
  #self = "";
  /** Up to here the view tells everything: older events are told, and change nothing. */
  #view = "";
  #state: RoomState = "reconnecting";
  #joins = 0;
  #resumedOn: Connection | undefined;
  /** Where a join waits for its answer. */
  #joiningOn: Connection | undefined;
  /** What arrived before anyone could listen. Undefined once events go straight through. */
  #early: (Told | { readonly type: "missed"; readonly gap: WireGap })[] | undefined = [];
  #signals: SignalledFrame[] | undefined = [];
  #leaving: Promise<void> | undefined;

  constructor(parts: MembershipParts) {
    this.name = parts.name;
    this.#clock = parts.clock;
    this.#ended = parts.ended;
    this.events = new Emitter(parts.failed);
    this.#outbox = new Outbox(parts.clock, parts.random, parts.allowance, parts.place?.mark ?? 0);
    this.#progress = new Progress(parts.place);
    // A stay that has a place has been joined before.
    if (parts.place !== undefined) this.#joins = 1;
  }

  get state(): RoomState {
    return this.#state;
  }
  get self(): string {
    return this.#self;
  }
  get picture(): RoomPicture | undefined {
    return this.#picture;
  }
  /** Where a resume of this room starts; undefined: it has to be joined. */
  get resumeFrom(): string | undefined {
    return this.#progress.resumeFrom;
  }
  get place(): Place | undefined {
    const place = this.#progress.place;
    return place === undefined ? undefined : { ...place, mark: this.#outbox.last };
  }

  submit(frame: (n: number) => ClientFrame, quiet: boolean): Promise<void> {
    if (this.#state === "left") return Promise.reject(new Refusal("not_a_member"));
    return this.#outbox.submit(frame, quiet);
  }

  sendVolatile(frame: ClientFrame): void {
    if (this.#state !== "left") this.#outbox.sendVolatile(frame);
  }

  flush(): void {
    this.#outbox.flush();
  }

  /** The cluster is whole again. */
  hurry(): void {
    this.#outbox.hurry();
  }

  /** Set from `leave` to its answer. */
  get leaving(): Promise<void> | undefined {
    return this.#leaving;
  }

  leave(): Promise<void> {
    if (this.#state === "left") return Promise.resolve();
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    try {
      await this.submit((n) => ({ type: "leave", n, room: this.name }), true);
      this.end("left");
    } catch (error) {
      // Whatever ended the stay first has done what was asked.
      if (this.state === "left") return;
      // To leave once more does no harm, and who is still in has not left.
      if (error instanceof OutcomeUnknown) return this.#leave();
      this.#leaving = undefined;
      throw error;
    }
  }

  /** A join for this stay goes out; the second one may be answered with what was said since the first. */
  joining(connection: Connection): void {
    this.#joins += 1;
    this.#joiningOn = connection;
  }

  /** Another connection takes over; nothing is sent until the room is heard on it. */
  pause(): void {
    this.#outbox.detach();
  }

  lost(): void {
    this.pause();
    this.#move("reconnecting");
  }

  refused(connection: Connection, frame: RefusedFrame): boolean {
    return this.#outbox.refuse(connection, frame);
  }

  asOf(position: string): void {
    if (this.#progress.resumeFrom !== undefined) this.#progress.adopt(position);
  }

  take(connection: Connection, frame: RoomFrame): void {
    if (this.#state === "left") return;
    // A link may be back before what it leads to is: news of the room's log are what tells that it can be written.
    if (frame.position !== undefined) this.#outbox.hurry();
    switch (frame.type) {
      case "ack":
        if (this.#outbox.acknowledge(connection, frame.n)) this.#progress.resumeAt(frame.position);
        break;
      case "joined":
        this.#joined(connection, frame);
        break;
      case "resumed":
        this.#resumed(connection, frame);
        break;
      case "gap":
        this.#gap(connection, frame);
        break;
      case "member":
      case "signal":
      case "broadcast":
      case "data":
      case "room":
      case "moderated":
        if (frame.position !== undefined) {
          if (this.#foreshadows(connection, frame)) return;
          const counts = frame.type === "member" && frame.change === "count";
          const fresh = this.#progress.admit(connection, frame.position);
          // A count is told in company, under whatever position the room has reached.
          if (!fresh && !(counts && !this.#progress.behind(connection, frame.position))) return;
        } else if (this.#isStale(connection, frame)) return;
        if (this.#early === undefined) this.#tell(frame);
        else this.#hold(frame);
        break;
      default:
        frame satisfies never;
    }
  }

  /** Hears signals, beginning with those that came while nobody did: an offer may precede the call it is meant for. */
  claimSignals(listener: (frame: SignalledFrame) => void): () => void {
    const early = this.#signals ?? [];
    this.#signals = undefined;
    const off = this.events.on("signal", listener);
    for (const frame of early) listener(frame);
    return () => {
      off();
      this.#signals ??= [];
    };
  }

  end(why: LeftWhy, reason?: RoomEvents["left"]["reason"]): void {
    if (this.#state === "left") return;
    this.#flushEarly();
    this.#move("left");
    this.#outbox.abandon((sent) => {
      if (sent) return new OutcomeUnknown(`the stay in the room ended (${why})`);
      return why === "closed" ? new ConnectionOver("The client was closed.") : new Refusal("not_a_member");
    });
    this.#ended(this);
    this.events.emit("left", { why, ...(reason === undefined ? {} : { reason }) });
  }

  /**
   * Our own coming back may be told before the join that caused it is answered: the view will hold it, and what was said
   * meanwhile, which stands before it in the log, is still to follow.
   */
  #foreshadows(connection: Connection, frame: Told): boolean {
    if (connection !== this.#joiningOn || connection === this.#resumedOn) return false;
    return frame.type !== "signal" && frame.type !== "broadcast";
  }

  /** The node of a former connection may lag: what it still whispers of who has left is nobody's word any more. */
  #isStale(connection: Connection, frame: Told): boolean {
    const picture = this.#picture;
    if (frame.type !== "signal" && frame.type !== "broadcast") return false;
    if (picture?.settings.presence !== "full" || picture.members.has(frame.from)) return false;
    return !this.#outbox.speaksOn(connection);
  }

  #joined(connection: Connection, frame: JoinedFrame): void {
    const again = this.#picture !== undefined;
    this.#joiningOn = undefined;
    this.#self = frame.self;
    this.#show(frame.view);
    this.#view = frame.position;
    // The first answer to the only join: nothing older can come. Otherwise what was said since the first join may follow.
    if (this.#joins <= 1) this.#progress.adopt(frame.position);
    if (!again) {
      // Whoever waits for the join must have had its turn, and be listening, before the first event is told.
      this.#clock.after(0, () => this.#flushEarly());
    }
    this.#attach(connection, frame.mark);
    if (again) this.events.emit("resumed", { verdict: "complete" });
  }

  #resumed(connection: Connection, frame: ResumedFrame): void {
    this.#resumedOn = connection;
    switch (frame.verdict) {
      case "complete":
        // What the former connection has told since is newer than this view.
        if (frame.view !== undefined && !this.#progress.behind(connection, frame.position)) {
          this.#show(frame.view);
          this.#view = frame.position;
        }
        this.#progress.adopt(frame.position);
        break;
      case "gap":
        // Whatever an earlier connection has sent counts as unanswered here.
        this.#outbox.detach();
        this.#miss(connection, frame.position, frame.gap, frame.view);
        break;
      case "expired":
        this.end("expired", frame.reason);
        return;
      default:
        frame satisfies never;
    }
    this.#attach(connection, frame.mark);
    if (this.#picture !== undefined) this.events.emit("resumed", { verdict: frame.verdict });
  }

  #gap(connection: Connection, frame: GapFrame): void {
    const fresh = frame.gap.reason === "log_restarted" || this.#progress.above(frame.position);
    // A repeated join is answered from the first join on. What lies before a resume on this same connection has been
    // told or reported already: only the view counts.
    const moot = this.#resumedOn === connection && (this.#picture === undefined || frame.position === this.#view);
    if (moot) this.#show(frame.view);
    else if (fresh) this.#miss(connection, frame.position, frame.gap, frame.view);
  }

  #miss(connection: Connection, position: string, gap: WireGap, view: WireView): void {
    if (gap.reason === "log_restarted") this.#progress.restart(connection, position);
    else this.#progress.adopt(position);
    if (gap.reason !== "too_old") this.#outbox.doubt();
    this.#show(view);
    this.#view = position;
    if (this.#early === undefined) this.events.emit("gap", gap);
    else this.#early.push({ type: "missed", gap });
  }

  #show(view: WireView): void {
    if (this.#picture !== undefined) this.#picture.replace(view);
    else if (this.#self !== "") this.#picture = new RoomPicture(this.#self, view);
  }

  #attach(connection: Connection, mark: number): void {
    this.#outbox.attach(connection, mark);
    this.#move("joined");
  }

  /** A page that reloads and never joins again must not fill the memory: what it would miss is told as a gap. */
  #hold(frame: Told): void {
    const early = this.#early ?? [];
    if (early.push(frame) <= heldCap) return;
    const positions = early.flatMap((each) =>
      each.type !== "missed" && each.position !== undefined ? each.position : [],
    );
    const gap: WireGap = { from: positions[0] ?? "", to: positions.at(-1) ?? "", reason: "too_old" };
    this.#early = [{ type: "missed", gap }];
  }

  #flushEarly(): void {
    const early = this.#early ?? [];
    if (this.#picture === undefined) return;
    this.#early = undefined;
    for (const event of early) {
      if (event.type === "missed") this.events.emit("gap", event.gap);
      else this.#tell(event);
    }
  }

  #tell(frame: Told): void {
    // What the view holds already must not be done again, or a member that has left since would come back.
    const current = frame.type === "member" && frame.change === "count";
    const news = current || frame.position === undefined || this.#view === "" || isAfter(frame.position, this.#view);
    switch (frame.type) {
      case "member": {
        if (news) this.#picture?.member(frame);
        if (frame.change === "left") this.#unkeepSignals(frame.id);
        this.events.emit("member", frame);
        if (news && frame.change === "left" && frame.id === this.#self) this.end(frame.why);
        break;
      }
      case "signal":
        this.#keepSignal(frame);
        this.events.emit("signal", frame);
        break;
      case "broadcast":
        this.events.emit("broadcast", frame);
        break;
      case "data":
        if (news) this.#picture?.change(frame);
        this.events.emit("data", frame);
        break;
      case "room":
        if (news) this.#picture?.settle(frame);
        this.events.emit("settings", frame);
        break;
      case "moderated": {
        if (news) this.#picture?.moderate(frame);
        const out = frame.action === "remove" || frame.action === "ban";
        if (out) this.#unkeepSignals(frame.member);
        this.events.emit("moderated", frame);
        if (news && out && frame.member === this.#self) this.end(frame.action === "ban" ? "banned" : "removed");
        break;
      }
      default:
        frame satisfies never;
    }
  }

  #keepSignal(frame: SignalledFrame): void {
    if (frame.body.kind === "custom" || this.#signals === undefined) return;
    // Beyond this nobody will ever make a call here; the newest are what a late call needs.
    if (this.#signals.push(frame) > 512) this.#signals.shift();
  }

  #unkeepSignals(from: string): void {
    this.#signals = this.#signals?.filter((signal) => signal.from !== from);
  }

  #move(state: RoomState): void {
    if (this.#state === state || this.#state === "left") return;
    this.#state = state;
    if (this.#picture !== undefined) this.events.emit("state", state);
  }
}
