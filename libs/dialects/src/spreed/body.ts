// What travels between members: the native meaning, where there is one, and beside it the Spreed document.
import type { PlainObject } from "./fields.ts";
import { isObject } from "./fields.ts";
import type { Untold } from "./native-call.ts";
import { nativeCallOf, spreedCallOf } from "./native-call.ts";
import { readFrame } from "./read.ts";
import type { Chatted, Conferring, Relayed } from "./said.ts";
import type { ChatDocument, ConferenceDocument, RelayedDocument } from "./told.ts";
import { writeChat, writeConference, writeRelayed } from "./told.ts";

/** What one session says to others. */
export type Spoken = Relayed | Chatted | Conferring;

/** The value of a signal's, a letter's or a broadcast's body, to be encoded as JSON. */
export type SpokenBody = PlainObject;

/** To one session: as signal in a room, or as letter. */
export function signalBodyOf(spoken: Spoken): SpokenBody {
  return { ...nativeSignalOf(spoken), spreed: documentOf(shortened(spoken)) };
}

/** A room's chat. Of what natives cannot show there is only ours, under a kind that they pass over. */
export function broadcastBodyOf(chat: Chatted): SpokenBody {
  return { ...(nativeChatOf(chat) ?? { kind: "spreed" }), spreed: documentOf(shortened(chat)) };
}

/** Descriptions and texts are nearly all there is to most bodies: they stand in the native words alone, and not twice. */
function shortened(spoken: Spoken): Spoken {
  switch (spoken.type) {
    case "Chat":
      return { ...spoken, chat: { ...spoken.chat, Message: "" } };
    case "Offer":
    case "Answer": {
      if (nativeCallOf(spoken) === undefined) return spoken;
      const { sdp: _said, ...rest } = spoken.body;
      return { ...spoken, body: rest };
    }
    case "Candidate":
    case "Bye":
    case "Conference":
      return spoken;
    default:
      return spoken satisfies never;
  }
}

/** Puts back what `shortened` left out. */
function whole(spoken: Spoken, body: PlainObject): Spoken {
  switch (spoken.type) {
    case "Chat": {
      const line = hearChat(body["kind"] === "custom" ? body["value"] : body, spoken.to);
      return { ...spoken, chat: { ...spoken.chat, Message: line?.chat.Message ?? "" } };
    }
    case "Offer":
    case "Answer": {
      const description = body["kind"] === "description" ? body["description"] : undefined;
      if (!isObject(description)) return spoken;
      return { ...spoken, body: { ...spoken.body, sdp: description["sdp"] } };
    }
    case "Candidate":
    case "Bye":
    case "Conference":
      return spoken;
    default:
      return spoken satisfies never;
  }
}

function nativeSignalOf(spoken: Spoken): PlainObject {
  if (spoken.type === "Chat") return { kind: "custom", value: nativeChatOf(spoken) ?? null };
  const call = spoken.type === "Conference" ? undefined : nativeCallOf(spoken);
  return call ?? { kind: "custom", value: null };
}

/** As the demo page says a line of chat. */
function nativeChatOf({ chat }: Chatted): PlainObject | undefined {
  return chat.Message === "" ? undefined : { kind: "chat", text: chat.Message };
}

export function documentOf(spoken: Spoken): RelayedDocument | ChatDocument | ConferenceDocument {
  switch (spoken.type) {
    case "Chat":
      return writeChat(spoken.to, spoken.chat);
    case "Conference":
      return writeConference(spoken.id, spoken.members);
    default:
      return writeRelayed(spoken);
  }
}

/** Who sent a body. Only doors of this dialect make bodies in the name of its sessions, so only theirs are taken at their word. */
export type SentBy = "spreed" | "native";

export type Heard =
  | { readonly ok: true; readonly spoken: readonly Spoken[] }
  | { readonly ok: false; readonly why: Untold | "not chat" };

/**
 * A signal or letter as Spreed documents for the session `to`. A native sender's `spreed` is not looked at: it could
 * name another's account in a contact request, or a server's receipt.
 */
export function hearSignal(body: unknown, from: SentBy, to: string, conferenceId?: string): Heard {
  if (from === "spreed") return hearOwn(body);
  const chat = isObject(body) && body["kind"] === "custom" ? hearChat(body["value"], to) : undefined;
  if (chat !== undefined) return { ok: true, spoken: [chat] };
  const call = spreedCallOf(body, to, conferenceId);
  return call.ok ? { ok: true, spoken: call.documents } : call;
}

export function hearBroadcast(body: unknown, from: SentBy): Heard {
  if (from === "spreed") return hearOwn(body);
  const chat = hearChat(body, "");
  return chat === undefined ? { ok: false, why: "not chat" } : { ok: true, spoken: [chat] };
}

function hearOwn(body: unknown): Heard {
  if (!isObject(body)) return { ok: false, why: "unreadable" };
  const document = body["spreed"];
  const type = isObject(document) ? document["Type"] : undefined;
  if (typeof type !== "string") return { ok: false, why: "unreadable" };
  const read = readFrame({ Type: type, [type]: document });
  if (!read.ok) return { ok: false, why: "unreadable" };
  const { said } = read.value;
  switch (said.type) {
    case "Offer":
    case "Answer":
    case "Candidate":
    case "Bye":
    case "Chat":
    case "Conference":
      return { ok: true, spoken: [whole(said, body)] };
    default:
      return { ok: false, why: "unreadable" };
  }
}

function hearChat(value: unknown, to: string): Chatted | undefined {
  if (!isObject(value) || value["kind"] !== "chat" || typeof value["text"] !== "string") return undefined;
  return { type: "Chat", to, chat: { Message: value["text"], Time: "", Status: null } };
}
