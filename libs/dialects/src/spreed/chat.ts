// Chat: its fixed shape, and the rules by which one becomes an echo, a message and a receipt (section 2.9).
import type { Fields } from "./fields.ts";

/** As it is written: keys of the dialect, each optional one only where it says something. */
export interface ChatMessage {
  readonly Message: string;
  /** RFC 3339; of the sender's own choice until the server sets it. */
  readonly Time: string;
  readonly NoEcho?: true;
  readonly Mid?: string;
  readonly Status: ChatStatus | null;
}

export interface ChatStatus {
  readonly Typing?: string;
  readonly State?: string;
  readonly Mid?: string;
  readonly SeenMids?: readonly string[];
  readonly FileInfo?: FileInfo;
  readonly Geolocation?: Geolocation;
  readonly ContactRequest?: ContactRequest;
  readonly AutoCall?: { readonly Id: string; readonly Type: string };
}

/** `id` is the token of a token connection between the two peers. */
export interface FileInfo {
  readonly id: string;
  readonly chunks: number;
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/** Zero is not told. */
export interface Geolocation {
  readonly accuracy?: number;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly altitude?: number;
  readonly altitudeAccuracy?: number;
}

export interface ContactRequest {
  readonly Id: string;
  readonly Success: boolean;
  readonly Userid?: string;
  readonly Token?: string;
}

/** Faults stand in `fields`. */
export function readChat(fields: Fields): ChatMessage {
  const mid = fields.text("Mid");
  const status = fields.part("Status");
  return {
    Message: fields.text("Message"),
    Time: fields.text("Time"),
    ...(fields.flag("NoEcho") ? { NoEcho: true } : {}),
    ...(mid === "" ? {} : { Mid: mid }),
    Status: status === undefined ? null : readStatus(status),
  };
}

function readStatus(fields: Fields): ChatStatus {
  const seen = fields.texts("SeenMids");
  const file = fields.part("FileInfo");
  const place = fields.part("Geolocation");
  const contact = fields.part("ContactRequest");
  const call = fields.part("AutoCall");
  return {
    ...text(fields, "Typing"),
    ...text(fields, "State"),
    ...text(fields, "Mid"),
    ...(seen.length === 0 ? {} : { SeenMids: seen }),
    ...(file === undefined ? {} : { FileInfo: readFile(file) }),
    ...(place === undefined ? {} : { Geolocation: readPlace(place) }),
    ...(contact === undefined ? {} : { ContactRequest: readContact(contact) }),
    ...(call === undefined ? {} : { AutoCall: { Id: call.text("Id"), Type: call.text("Type") } }),
  };
}

function readFile(fields: Fields): FileInfo {
  return {
    id: fields.text("id"),
    chunks: fields.count("chunks"),
    name: fields.text("name"),
    size: fields.count("size"),
    type: fields.text("type"),
  };
}

function readPlace(fields: Fields): Geolocation {
  return {
    ...number(fields, "accuracy"),
    ...number(fields, "latitude"),
    ...number(fields, "longitude"),
    ...number(fields, "altitude"),
    ...number(fields, "altitudeAccuracy"),
  };
}

function readContact(fields: Fields): ContactRequest {
  return {
    Id: fields.text("Id"),
    Success: fields.flag("Success"),
    ...text(fields, "Userid"),
    ...text(fields, "Token"),
  };
}

function text<Key extends string>(fields: Fields, key: Key): { readonly [Name in Key]?: string };
function text(fields: Fields, key: string): Readonly<Record<string, string>> {
  const value = fields.text(key);
  return value === "" ? {} : { [key]: value };
}

function number<Key extends string>(fields: Fields, key: Key): { readonly [Name in Key]?: number };
function number(fields: Fields, key: string): Readonly<Record<string, number>> {
  const value = fields.number(key);
  return value === 0 ? {} : { [key]: value };
}

/** What is to be done with a Chat, in the order of the members. */
export interface ChatPlan {
  /** Goes back to the sender as it was sent, before the time is set. */
  readonly echo?: ChatMessage;
  /** Absent: nobody hears it. */
  readonly deliver?: { readonly to: "room" } | { readonly to: "session"; readonly session: string };
  /** Which of the two counters of statistics moves. */
  readonly counts?: "broadcast" | "unicast";
  /** Decided by `judgeContact` before anything is delivered; refused: neither message nor receipt. */
  readonly contact?: ContactRequest;
  /** Told to the sender after the delivery, though there be no such session. */
  readonly sent?: ChatMessage;
}

export function planChat(to: string, chat: ChatMessage, inRoom: boolean): ChatPlan {
  const echo = chat.NoEcho === true ? {} : { echo: chat };
  // The Mid of a room's chat is nobody's to confirm.
  if (to === "") return inRoom ? { ...echo, deliver: { to: "room" }, counts: "broadcast" } : echo;
  const contact = chat.Status?.ContactRequest;
  return {
    ...echo,
    deliver: { to: "session", session: to },
    ...(chat.Status === null ? { counts: "unicast" } : {}),
    ...(contact === undefined ? {} : { contact }),
    ...(chat.Mid === undefined ? {} : { sent: sentReceipt(chat.Mid) }),
  };
}

/** Its Mid stands outside the Status, as no receipt of a receiver does, so nobody confirms a confirmation. */
export function sentReceipt(mid: string): ChatMessage {
  return { Message: "", Time: "", Mid: mid, Status: { State: "sent" } };
}

/** @param time milliseconds since 1970, of the log where the chat stands in one */
export function timed(chat: ChatMessage, time: number): ChatMessage {
  return { ...chat, Time: rfc3339(time) };
}

/** Seconds precision, in UTC: every node writes the same text. */
export function rfc3339(time: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: writes a time that was told; reads no clock.
  return `${new Date(Math.min(Math.max(Math.trunc(time), 0), latest)).toISOString().slice(0, 19)}Z`;
}

/** The last millisecond of the year 9999: beyond it the text has another shape. */
const latest = 253_402_300_799_999;

/** What a contact request wants of the server; what only it can know is asked by whoever carries this out. */
export type ContactStep =
  /** The target must be connected with another userid than the sender's; a token of both goes into the request. */
  | { readonly step: "ask" }
  /** The token must be one that the target asked this sender with. */
  | { readonly step: "accept"; readonly token: string }
  | { readonly step: "reject" }
  | { readonly step: "drop"; readonly why: "contacts are off" | "no account" | "no token" };

export function judgeContact(
  request: ContactRequest,
  sender: { readonly userid: string; readonly contacts: boolean },
): ContactStep {
  const { Success, Token: token = "" } = request;
  if (!sender.contacts) return { step: "drop", why: "contacts are off" };
  if (Success && token === "") return { step: "drop", why: "no token" };
  if (!Success && token !== "") return { step: "reject" };
  if (sender.userid === "") return { step: "drop", why: "no account" };
  return Success ? { step: "accept", token } : { step: "ask" };
}

/** The request as it is delivered. `token`: of an ask the new one, of an accept the same; a reject has none. */
export function settleContact(chat: ChatMessage, userid: string, token: string): ChatMessage {
  const request = chat.Status?.ContactRequest;
  if (request === undefined) return chat;
  const { Id, Success } = request;
  const settled: ContactRequest = {
    Id,
    Success,
    ...(userid === "" ? {} : { Userid: userid }),
    ...(token === "" ? {} : { Token: token }),
  };
  return { ...chat, Status: { ...chat.Status, ContactRequest: settled } };
}
