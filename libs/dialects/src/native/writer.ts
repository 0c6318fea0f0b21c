// Writes events as native frames.
import type { Gap, MemberView, Profile, RoomView, SettingsView } from "@heliograph/protocol";
import { formatPosition, reasons } from "@heliograph/protocol";
import type { ServerFrame, WireGap, WireMember, WireSettings, WireView } from "@heliograph/protocol/schema";
import type { OpenBody, Tellable, Written } from "../dialect.ts";

type Told<Type extends Tellable["type"]> = Extract<Tellable, { readonly type: Type }>;

export function writeNative(event: Tellable, open: OpenBody): Written {
  switch (event.type) {
    case "signal":
    case "broadcast":
      return writeMessage(event);
    case "data":
      return writeData(event);
    default:
      return { head: headOf(event, open) };
  }
}

function writeMessage({ type, room, from, position, body }: Told<"signal" | "broadcast">): Written {
  // The one frame whose head lacks a required member: it follows, undecoded, beside it.
  const head = position === undefined ? { type, room, from } : { type, room, from, position: formatPosition(position) };
  return { head, raw: { key: "body", body } };
}

function writeData({ room, position, key, version, by, value, owner }: Told<"data">): Written {
  const head = {
    type: "data",
    room,
    position: formatPosition(position),
    key,
    version,
    by,
    ...(owner === undefined ? {} : { owner }),
  } satisfies ServerFrame;
  return value === undefined ? { head } : { head, raw: { key: "value", body: value } };
}

function headOf(event: Exclude<Tellable, Told<"signal" | "broadcast" | "data">>, open: OpenBody): ServerFrame {
  switch (event.type) {
    case "ack":
      return { type: "ack", room: event.room, n: event.n, position: formatPosition(event.position) };
    case "member":
      return writeMember(event);
    case "joined":
      return {
        type: "joined",
        room: event.room,
        ...(event.n === undefined ? {} : { n: event.n }),
        self: event.self,
        mark: event.mark,
        position: formatPosition(event.position),
        view: wireView(event.view, open),
      };
    case "resumed":
      return writeResumed(event, open);
    case "settings":
      return {
        type: "room",
        room: event.room,
        position: formatPosition(event.position),
        by: event.by,
        settings: wireSettings(event.settings),
      };
    case "moderated":
      return {
        type: "moderated",
        room: event.room,
        position: formatPosition(event.position),
        by: event.by,
        ...event.action,
      };
    case "gap":
      return {
        type: "gap",
        room: event.room,
        position: formatPosition(event.position),
        gap: wireGap(event.gap),
        view: wireView(event.view, open),
      };
    case "refused":
      return writeRefused(event);
    case "pong":
      return {
        type: "pong",
        n: event.n,
        rooms: event.rooms.map(({ room, asOf }) => ({ room, asOf: formatPosition(asOf) })),
      };
    case "welcome":
    case "ice":
    case "degraded":
    case "goaway":
      return event;
    default:
      return event satisfies never;
  }
}

// Plain literals: spreading a head into each of these frames cost 1.2 µs (Node 20), the whole frame costs 0.3.
function writeMember(event: Told<"member">): ServerFrame {
  const { room, what } = event;
  const position = formatPosition(event.position);
  switch (what.change) {
    case "joined":
    case "back":
    case "updated":
    case "away":
      return { type: "member", room, position, change: what.change, member: wireMember(what.member) };
    case "left":
      return what.successor === undefined
        ? { type: "member", room, position, change: "left", id: what.id, why: what.why }
        : { type: "member", room, position, change: "left", id: what.id, why: what.why, successor: what.successor };
    case "count":
      return { type: "member", room, position, change: "count", count: what.count };
    default:
      return what satisfies never;
  }
}

function writeResumed(event: Told<"resumed">, open: OpenBody): ServerFrame {
  const head = {
    type: "resumed",
    room: event.room,
    mark: event.mark,
    position: formatPosition(event.position),
  } as const;
  switch (event.verdict) {
    case "complete":
      return {
        ...head,
        verdict: "complete",
        ...(event.view === undefined ? {} : { view: wireView(event.view, open) }),
      };
    case "gap":
      return { ...head, verdict: "gap", gap: wireGap(event.gap), view: wireView(event.view, open) };
    case "expired":
      return { ...head, verdict: "expired", reason: event.reason, code: reasons[event.reason].code };
    default:
      return event satisfies never;
  }
}

function writeRefused({ reason, detail, retryIn, n, room }: Told<"refused">): ServerFrame {
  const { code, retry } = reasons[reason];
  return {
    type: "refused",
    code,
    reason,
    retry,
    ...(detail === undefined ? {} : { detail }),
    ...(retryIn === undefined ? {} : { retryIn }),
    ...(n === undefined ? {} : { n }),
    ...(room === undefined ? {} : { room }),
  };
}

// Named member by member: what core keeps beside these (epochs, the PIN's verifier) must never reach the wire.

function wireSettings({ capacity, pin, locked, type, presence }: SettingsView): WireSettings {
  return { capacity, pin, locked, roomType: type, presence };
}

function wireMember({ id, profile, role, state }: MemberView): WireMember {
  return { id, profile: wireProfile(profile), role, state };
}

/** What a member's own dialect says of it is for readers of that dialect. */
function wireProfile(profile: Profile): WireMember["profile"] {
  if (profile.own === undefined) return profile;
  const { name, status, picture } = profile;
  return {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(picture === undefined ? {} : { picture }),
  };
}

function wireGap({ from, to, reason }: Gap): WireGap {
  return { from: formatPosition(from), to: formatPosition(to), reason };
}

function wireView({ settings, members, count, data }: RoomView, open: OpenBody): WireView {
  return {
    settings: wireSettings(settings),
    members: members.map(wireMember),
    count,
    data: data.map(({ key, version, value, owner }) => ({
      key,
      version,
      value: open(value),
      ...(owner === undefined ? {} : { owner }),
    })),
  };
}
