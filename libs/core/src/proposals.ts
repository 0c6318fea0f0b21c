// Turns what a client asks into the entry that is proposed to the room's log.
import type { NodeId, Opening, RoomCommand, SettingsChange } from "@heliograph/protocol";
import type { Random } from "./ports/random.ts";
import type { RoomCopy } from "./room/copy.ts";
import type { HouseEntry, JoinEntry, OpeningEntry, SaidEntry, SettingsEntryChange } from "./room/entry.ts";
import { pinProof, pinVerifier } from "./room/pin.ts";
import type { Room } from "./room/room.ts";
import type { JoinWish } from "./session.ts";
import type { Stay } from "./stay.ts";

export function joinEntry(stay: Stay, wish: JoinWish, room: Room, random: Random): JoinEntry {
  const { session } = stay;
  const { opening } = wish;
  const { pin } = room.settings;
  return {
    kind: "join",
    from: stay.member,
    epoch: stay.epoch,
    session: session.id,
    profile: wish.profile,
    grace: session.origin.grace,
    marks: [session.origin.address],
    ...(wish.role === undefined ? {} : { role: wish.role }),
    ...(pin === null || wish.pin === undefined ? {} : { proof: pinProof(wish.pin, pin.salt) }),
    ...(room.at.seq === 0 ? { fresh: true as const } : {}),
    // Whoever is in the room now may have left it by then: the log decides which join opens it.
    ...(opening === undefined ? {} : { opening: openingEntry(opening, random) }),
    ...(wish.exactPin && wish.pin !== undefined ? { exactPin: true as const } : {}),
  };
}

function openingEntry({ pin, linger }: Opening, random: Random): OpeningEntry {
  return {
    ...(pin === undefined ? {} : { pin: pinVerifier(pin, random.bytes(16)) }),
    ...(linger === undefined ? {} : { linger }),
  };
}

export function saidEntry(stay: Stay, command: RoomCommand, random: Random): SaidEntry {
  const said = { from: stay.member, epoch: stay.epoch, n: command.n };
  switch (command.type) {
    case "leave":
      return { kind: "leave", ...said };
    case "signal":
      return { kind: "signal", to: command.to, body: command.body, from: said.from, epoch: said.epoch, n: said.n };
    case "broadcast":
      return { kind: "broadcast", body: command.body, from: said.from, epoch: said.epoch, n: said.n };
    case "profile":
      return { kind: "profile", profile: command.profile, ...said };
    case "data":
      return {
        kind: "data",
        key: command.key,
        owned: command.owned,
        ...(command.value === undefined ? {} : { value: command.value }),
        ...(command.ifVersion === undefined ? {} : { ifVersion: command.ifVersion }),
        ...said,
      };
    case "settings":
      return { kind: "settings", change: settingsChange(command.change, random), ...said };
    case "moderate":
      return { kind: "moderate", action: command.action, ...said };
    default:
      return command satisfies never;
  }
}

/** An adopted state remembers its own beginning and nothing before it, so that is not sent: it may be most of a state. */
export function adoptEntry(by: NodeId, copy: RoomCopy): HouseEntry {
  return { kind: "adopt", by, copy: { ...copy, effects: [], idle: [] } };
}

/** The PIN goes no further than this function. */
function settingsChange(change: SettingsChange, random: Random): SettingsEntryChange {
  const { pin, ...rest } = change;
  if (pin === undefined) return rest;
  return { ...rest, pin: pin === null ? null : pinVerifier(pin, random.bytes(16)) };
}
