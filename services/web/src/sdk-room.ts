// A room of the SDK as the page uses it.
import type { MemberView, Room as SdkRoom } from "@heliograph/client";
import { all } from "./off.ts";
import type { Answer, Member, Off, Room, RoomEvent } from "./sdk.ts";
import { answered } from "./sdk-answer.ts";

export class SdkBackedRoom implements Room {
  readonly #room: SdkRoom;
  /** As they were last seen: who has left is told of by name. */
  readonly #seen: Map<string, MemberView>;

  constructor(room: SdkRoom) {
    this.#room = room;
    this.#seen = new Map(room.members);
  }

  get name(): string {
    return this.#room.name;
  }
  get self(): string {
    return this.#room.self;
  }
  get members(): ReadonlyMap<string, Member> {
    return this.#room.members;
  }
  get settings(): Room["settings"] {
    return this.#room.settings;
  }

  shared(key: string): unknown {
    return this.#room.data.get(key)?.value;
  }

  on(listener: (event: RoomEvent) => void): Off {
    return all([
      this.#room.on("member", (event) => {
        switch (event.change) {
          case "joined":
            this.#seen.set(event.member.id, event.member);
            return listener(
              event.member.id === this.self ? { type: "members" } : { type: "arrived", member: event.member },
            );
          case "left":
            return this.#gone(event.id, listener);
          case "back":
          case "updated":
          case "away":
            this.#seen.set(event.member.id, event.member);
            return listener({ type: "members" });
          case "count":
            return listener({ type: "members" });
          default:
            return event satisfies never;
        }
      }),
      this.#room.on("broadcast", ({ from, body }) => listener({ type: "broadcast", from, body })),
      this.#room.on("data", () => listener({ type: "data" })),
      this.#room.on("settings", () => listener({ type: "settings" })),
      this.#room.on("moderated", (event) => {
        switch (event.action) {
          case "mute":
            return listener({ type: "muted", by: event.by, member: event.member, media: event.media });
          case "remove":
          case "ban":
            // One's own removal ends the stay, which is told by itself.
            return event.member === this.self ? undefined : this.#gone(event.member, listener);
          case "unban":
          case "role":
            return listener({ type: "members" });
          default:
            return event satisfies never;
        }
      }),
      this.#room.on("gap", (gap) => listener({ type: "gap", gap })),
      // What changed while nobody listened is in the members by now.
      this.#room.on("resumed", () => listener({ type: "members" })),
      this.#room.on("left", ({ why }) => {
        switch (why) {
          case "removed":
          case "banned":
            return listener({ type: "removed", banned: why === "banned" });
          case "lost":
          case "expired":
            return listener({ type: "over" });
          case "left":
          case "closed":
            return undefined;
          default:
            return why satisfies never;
        }
      }),
    ]);
  }

  broadcast(value: unknown): Promise<Answer> {
    return answered(this.#room.broadcast(value));
  }
  share(key: string, value: unknown): Promise<Answer> {
    return answered(this.#room.setData(key, value, { owned: true }));
  }
  set(wish: Parameters<Room["set"]>[0]): Promise<Answer> {
    return answered(this.#room.set(wish));
  }
  remove(member: string): Promise<Answer> {
    return answered(this.#room.remove(member));
  }
  ban(member: string): Promise<Answer> {
    return answered(this.#room.ban(member));
  }
  mute(member: string, media: Parameters<Room["mute"]>[1]): Promise<Answer> {
    return answered(this.#room.mute(member, media));
  }
  promote(member: string, role: Parameters<Room["promote"]>[1]): Promise<Answer> {
    return answered(this.#room.setRole(member, role));
  }
  leave(): Promise<Answer> {
    return answered(this.#room.leave());
  }

  #gone(id: string, listener: (event: RoomEvent) => void): void {
    const member = this.#seen.get(id);
    listener(member === undefined ? { type: "members" } : { type: "left", member });
  }
}
