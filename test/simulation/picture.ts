// A room as one client shows it: begun by a view, kept current by events.
import type { MemberId, MemberView, RoomEvent, RoomView, SettingsView } from "@heliograph/protocol";
import type { Shown } from "./journal.ts";

interface Value {
  readonly version: number;
  readonly text: string;
  readonly owner: MemberId | undefined;
}

export class Picture {
  #members = new Map<MemberId, MemberView>();
  #data = new Map<string, Value>();
  #settings: SettingsView;
  readonly #self: MemberId;

  constructor(self: MemberId, view: RoomView) {
    this.#self = self;
    this.#settings = view.settings;
    this.replace(view);
  }

  replace(view: RoomView): void {
    this.#settings = view.settings;
    this.#members = new Map(view.members.map((member) => [member.id, member]));
    this.#data = new Map(
      view.data.map(({ key, version, value, owner }) => [key, { version, text: textOf(value.bytes), owner }]),
    );
  }

  get full(): boolean {
    return this.#settings.presence === "full";
  }

  get settings(): SettingsView {
    return this.#settings;
  }

  get members(): readonly MemberView[] {
    return [...this.#members.values()];
  }

  get keys(): readonly string[] {
    return [...this.#data.keys()];
  }

  has(id: MemberId): boolean {
    return this.#members.has(id);
  }

  get role(): string {
    return this.#members.get(this.#self)?.role ?? "participant";
  }

  take(event: Extract<RoomEvent, { type: "member" | "data" | "settings" | "moderated" }>): void {
    switch (event.type) {
      case "member":
        return this.#member(event.what);
      case "data":
        if (event.value === undefined) this.#data.delete(event.key);
        else
          this.#data.set(event.key, {
            version: event.version,
            text: textOf(event.value.bytes),
            owner: event.owner,
          });
        return;
      case "settings":
        this.#settings = event.settings;
        return;
      case "moderated":
        return this.#moderated(event);
      default:
        event satisfies never;
    }
  }

  #member(what: Extract<RoomEvent, { type: "member" }>["what"]): void {
    if (what.change === "count") return;
    if (what.change === "left") {
      this.#remove(what.id);
      const successor = what.successor === undefined ? undefined : this.#members.get(what.successor);
      if (successor !== undefined) this.#members.set(successor.id, { ...successor, role: "moderator" });
      return;
    }
    const { member } = what;
    // Whoever is told of itself is there, though others may have been told otherwise for a moment.
    this.#members.set(member.id, member.id === this.#self ? { ...member, state: "present" } : member);
  }

  #moderated({ action }: Extract<RoomEvent, { type: "moderated" }>): void {
    if (action.action === "remove" || action.action === "ban") this.#remove(action.member);
    const member = this.#members.get(action.member);
    if (action.action === "role" && member !== undefined)
      this.#members.set(member.id, { ...member, role: action.role });
  }

  #remove(id: MemberId): void {
    this.#members.delete(id);
    for (const [key, { owner }] of this.#data) if (owner === id) this.#data.delete(key);
  }

  show(): Shown {
    const members = [...this.#members.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const seen = members.map(({ id, role, state, profile }) => `${id} ${role} ${state} ${profile.name ?? ""}`);
    const data = [...this.#data].sort(([a], [b]) => (a < b ? -1 : 1));
    const values = data.map(([key, { version, text, owner }]) => `${key} ${version} ${text} ${owner ?? ""}`);
    const { capacity, pin, locked, type, presence } = this.#settings;
    const set = `${capacity} ${pin} ${locked} ${type} ${presence}`;
    // Who is there is only told to those who may see it.
    const people = this.full ? seen : [];
    return {
      members: members.map(({ id, state }) => ({ id, state })),
      people: people.join("\n"),
      text: [set, ...values].join("\n"),
    };
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
