// The room as a client sees it: members, shared values, settings; replaced by views, moved on by events.
import type {
  DataChangedFrame,
  MemberFrame,
  ModeratedFrame,
  RoomChangedFrame,
  WireMember,
  WireSettings,
  WireSharedValue,
  WireView,
} from "@heliograph/protocol/schema";

/** A member as the others see it. */
export type MemberView = WireMember;
export type SettingsView = WireSettings;
/** A shared value; one with an owner goes when its owner leaves. */
export type SharedValue = Pick<WireSharedValue, "version" | "value" | "owner">;

export class RoomPicture {
  readonly #self: string;
  readonly #members = new Map<string, MemberView>();
  readonly #data = new Map<string, SharedValue>();
  #settings: SettingsView;
  #count: number;

  constructor(self: string, view: WireView) {
    this.#self = self;
    this.#settings = view.settings;
    this.#count = view.count;
    this.replace(view);
  }

  get members(): ReadonlyMap<string, MemberView> {
    return this.#members;
  }
  get data(): ReadonlyMap<string, SharedValue> {
    return this.#data;
  }
  get settings(): SettingsView {
    return this.#settings;
  }
  get count(): number {
    return this.#count;
  }

  /** The maps stay the same objects, so that whoever holds one sees the new view in it. */
  replace(view: WireView): void {
    this.#settings = view.settings;
    this.#count = view.count;
    this.#members.clear();
    for (const member of view.members) this.#members.set(member.id, member);
    this.#data.clear();
    for (const { key, ...value } of view.data) this.#data.set(key, value);
  }

  member(frame: MemberFrame): void {
    switch (frame.change) {
      case "joined":
      case "back":
      case "updated":
      case "away":
        if (!this.#members.has(frame.member.id)) this.#count += 1;
        this.#members.set(frame.member.id, frame.member);
        break;
      case "left":
        this.#gone(frame.id);
        // The last moderator has left: the room gave its role on.
        if (frame.successor !== undefined) this.#role(frame.successor, "moderator");
        break;
      case "count":
        this.#count = frame.count;
        break;
      default:
        frame satisfies never;
    }
  }

  /** Whoever is removed or banned is told by this alone. */
  moderate(frame: ModeratedFrame): void {
    switch (frame.action) {
      case "remove":
      case "ban":
        this.#gone(frame.member);
        break;
      case "role":
        this.#role(frame.member, frame.role);
        break;
      case "unban":
      case "mute":
        break;
      default:
        frame satisfies never;
    }
  }

  change(frame: DataChangedFrame): void {
    if (!("value" in frame) || frame.value === undefined) {
      this.#data.delete(frame.key);
      return;
    }
    const { version, value, owner } = frame;
    this.#data.set(frame.key, { version, value, ...(owner === undefined ? {} : { owner }) });
  }

  settle(frame: RoomChangedFrame): void {
    this.#settings = frame.settings;
    if (frame.settings.presence === "full") return;
    // Nobody tells of the others any more: what is known of them would only grow stale.
    for (const id of [...this.#members.keys()]) if (id !== this.#self) this.#members.delete(id);
  }

  /** A member's own values go with it. */
  #gone(id: string): void {
    if (this.#members.delete(id)) this.#count -= 1;
    for (const [key, value] of this.#data) if (value.owner === id) this.#data.delete(key);
  }

  #role(id: string, role: MemberView["role"]): void {
    const member = this.#members.get(id);
    if (member !== undefined) this.#members.set(id, { ...member, role });
  }
}
