// What a client of Spreed WebRTC says, once it has been read: section 2 of the dialect's specification.
import type { ChatMessage } from "./chat.ts";
import type { PlainObject } from "./fields.ts";

/** Present, though with an empty PIN, is another wish than absent. */
export interface Credentials {
  readonly PIN: string;
}

export interface HelloWish {
  /** Empty: the default room. */
  readonly name: string;
  /** Empty: the server decides. Not checked yet: see `roomTypeOf`. */
  readonly roomType: string;
  readonly ua: string;
  readonly credentials?: Credentials;
}

export interface RoomWish {
  readonly name: string;
  /** Empty: the configured type of that name. */
  readonly roomType: string;
  /** Absent: the PIN stays; empty PIN: removed. */
  readonly credentials?: Credentials;
}

/** Sent to one session, with a part of free shape that is passed on unchanged. */
export type Relayed =
  | { readonly type: "Offer"; readonly to: string; readonly body: PlainObject }
  | { readonly type: "Answer"; readonly to: string; readonly body: PlainObject }
  /** Anything but null. */
  | { readonly type: "Candidate"; readonly to: string; readonly body: unknown }
  /** Null where the client gave none. */
  | { readonly type: "Bye"; readonly to: string; readonly body: unknown };

export type Chatted = {
  readonly type: "Chat";
  /** A session, or empty: the room. */
  readonly to: string;
  readonly chat: ChatMessage;
};

export type Conferring = {
  readonly type: "Conference";
  readonly id: string;
  /** At most `mostConferring`. */
  readonly members: readonly string[];
};

export type Request =
  | { readonly type: "Self" }
  | { readonly type: "Hello"; readonly hello: HelloWish }
  | { readonly type: "Leave" }
  | { readonly type: "Users" }
  /** `status`: of any shape; replaces the former one as a whole. */
  | { readonly type: "Status"; readonly status: unknown }
  | { readonly type: "Alive"; readonly alive: number }
  | { readonly type: "Room"; readonly room: RoomWish }
  | { readonly type: "Sessions"; readonly kind: "session" | "contact"; readonly token: string }
  | { readonly type: "Authentication"; readonly userid: string; readonly nonce: string };

/** All that the server understands. */
export type Said = Request | Relayed | Chatted | Conferring;

/** A frame of a client. `iid` is empty where it gave none. */
export interface SaidFrame {
  readonly iid: string;
  readonly said: Said;
}

/**
 * Nothing that can be acted on. `why` is for the log and names members, never values. With `answer` the client is told
 * an Error (`bad_request`), else nothing: section 1.3.
 */
export interface Unread {
  readonly ok: false;
  readonly why: string;
  readonly answer?: { readonly iid: string; readonly code: "bad_request" };
}

export type Read = { readonly ok: true; readonly value: SaidFrame } | Unread;

/** Longer lists of a client's Conference are ignored. */
export const mostConferring = 100;
