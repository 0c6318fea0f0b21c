// Calls across dialects: signals as native clients send them, and Offer, Answer, Candidate and Bye.
import type { SignalBody } from "@heliograph/protocol/schema";
import type { PlainObject } from "./fields.ts";
import { isObject } from "./fields.ts";
import type { Relayed } from "./said.ts";

/** The name that a room's own call has in the native `hangup` and `busy`. */
const everyone = "room";
/** Characters of the native `why`. */
const longestWhy = 256;

/** What a native reader makes of it; undefined: nothing, as of token connections, which are between Spreed clients. */
export function nativeCallOf({ type, body }: Relayed): SignalBody | undefined {
  switch (type) {
    case "Offer":
    case "Answer":
      return descriptionOf(body);
    case "Candidate":
      return candidateOf(body);
    case "Bye":
      return endOf(body);
    default:
      return type satisfies never;
  }
}

function descriptionOf(body: PlainObject): SignalBody | undefined {
  const { type, sdp, _token: token } = body;
  if (token !== undefined && token !== null) return undefined;
  if ((type !== "offer" && type !== "answer" && type !== "pranswer") || typeof sdp !== "string") return undefined;
  return { kind: "description", description: { type, sdp } };
}

function candidateOf(body: unknown): SignalBody | undefined {
  if (!isObject(body)) return undefined;
  const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment = null, _token: token = null } = body;
  if (token !== null || typeof candidate !== "string") return undefined;
  if (sdpMid !== null && typeof sdpMid !== "string") return undefined;
  if (usernameFragment !== null && typeof usernameFragment !== "string") return undefined;
  if (sdpMLineIndex !== null && !isLine(sdpMLineIndex)) return undefined;
  return {
    kind: "candidates",
    candidates: [
      {
        candidate,
        ...(sdpMid === null ? {} : { sdpMid }),
        ...(sdpMLineIndex === null ? {} : { sdpMLineIndex }),
        ...(usernameFragment === null ? {} : { usernameFragment }),
      },
    ],
  };
}

function isLine(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function endOf(body: unknown): SignalBody | undefined {
  if (isObject(body) && body["_token"] !== undefined && body["_token"] !== null) return undefined;
  const reason = isObject(body) && typeof body["Reason"] === "string" ? body["Reason"].toWellFormed() : "";
  switch (reason) {
    case "busy":
      return { kind: "busy", call: everyone };
    case "reject":
      return { kind: "decline", call: everyone };
    case "":
      return { kind: "hangup", call: everyone };
    default:
      return { kind: "hangup", call: everyone, why: reason.slice(0, longestWhy).toWellFormed() };
  }
}

/** Why a native signal has no words in the dialect. */
export type Untold =
  /** Spreed clients ring by an Offer: whoever waits for the answer is told `declineOf`. */
  | "ring"
  /** An Offer says it. */
  | "accept"
  | "rollback"
  | "custom"
  | "unreadable";

/** `documents` may be empty: then there is nothing that a Spreed client has to know. */
export type CallTold =
  | { readonly ok: true; readonly documents: readonly Relayed[] }
  | { readonly ok: false; readonly why: Untold };

/**
 * @param body decoded, of any shape: no native client's signal has been checked by anyone
 * @param conferenceId of the room, if it is a conference room: then nobody is rung up, the offer is taken at once
 */
export function spreedCallOf(body: unknown, to: string, conferenceId?: string): CallTold {
  if (!isObject(body)) return untold("unreadable");
  switch (body["kind"]) {
    case "description":
      return describe(body["description"], to, conferenceId);
    case "candidates":
      return trickle(body["candidates"], to);
    case "decline":
      return bye(to, "reject");
    case "busy":
      return bye(to, "busy");
    case "hangup":
      return bye(to, byeReason(body));
    case "ring":
    case "accept":
    case "custom":
      return untold(body["kind"]);
    default:
      return untold("unreadable");
  }
}

function describe(description: unknown, to: string, conferenceId: string | undefined): CallTold {
  if (!isObject(description)) return untold("unreadable");
  const { type, sdp } = description;
  if (type === "rollback") return untold("rollback");
  if (typeof sdp !== "string") return untold("unreadable");
  const inside = conferenceId === undefined ? {} : { _conference: conferenceId };
  if (type === "offer") return told({ type: "Offer", to, body: { type, sdp, ...inside } });
  if (type === "answer" || type === "pranswer") return told({ type: "Answer", to, body: { type, sdp, ...inside } });
  return untold("unreadable");
}

function trickle(candidates: unknown, to: string): CallTold {
  if (!Array.isArray(candidates)) return untold("unreadable");
  const list: readonly unknown[] = candidates;
  const documents: Relayed[] = [];
  for (const one of list) {
    if (!isObject(one) || typeof one["candidate"] !== "string") return untold("unreadable");
    const { candidate, sdpMid, sdpMLineIndex } = one;
    // The end of candidates: these clients neither say nor expect it.
    if (candidate === "") continue;
    documents.push({
      type: "Candidate",
      to,
      body: {
        type: "candidate",
        ...(isLine(sdpMLineIndex) ? { sdpMLineIndex } : {}),
        ...(typeof sdpMid === "string" ? { sdpMid } : {}),
        candidate,
      },
    });
  }
  return { ok: true, documents };
}

/** Reasons that these clients know are said again; a person's text is theirs no more than ours. */
const known: ReadonlySet<unknown> = new Set([
  "pickuptimeout",
  "abort",
  "error",
  "failed",
  "ringertimeout",
  "unload",
  "usermedia",
  "unsupported",
]);

/** Taking a ring back is `abort`; the end of the room's call needs no reason. */
function byeReason({ call, why }: PlainObject): string | undefined {
  if (typeof why === "string" && known.has(why)) return why;
  return call === everyone ? undefined : "abort";
}

function bye(to: string, reason: string | undefined): CallTold {
  return told({ type: "Bye", to, body: reason === undefined ? {} : { Reason: reason } });
}

/** What a native client that rang a Spreed client is answered on its behalf. Undefined: it did not ring. */
export function declineOf(body: unknown): SignalBody | undefined {
  if (!isObject(body) || body["kind"] !== "ring") return undefined;
  const { call } = body;
  if (typeof call !== "string" || call.length < 1 || call.length > 64) return undefined;
  return { kind: "decline", call, why: "This client is called by an offer." };
}

function told(document: Relayed): CallTold {
  return { ok: true, documents: [document] };
}

function untold(why: Untold): CallTold {
  return { ok: false, why };
}
