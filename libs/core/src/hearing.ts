// What one stay hears of its room: what was told, the answers to what it said, and the room as a whole.
import type { GapReason, Position, RoomName } from "@heliograph/protocol";
import { sameEpoch } from "@heliograph/protocol";
import type { Locals } from "./locals.ts";
import type { Room } from "./room/room.ts";
import type { Stay } from "./stay.ts";
import type { Told } from "./told.ts";

/** Tells everyone here whom it concerns, and answers its author. */
export function spread(room: Room, locals: Locals, told: Told): void {
  const { event, audience, author, answer } = told;
  if (event !== undefined) {
    if (audience !== "all" && audience !== "others") {
      const stay = locals.get(audience);
      if (stay?.phase === "in" && (event.type !== "letter" || speaks(room, stay))) stay.session.deliver(event);
    } else if (isHeard(room, told)) {
      const skip = audience === "others" ? author : undefined;
      for (const stay of locals.all) {
        if (stay.phase === "in" && stay.member !== skip) stay.session.deliver(event);
      }
    }
  }
  if (answer === undefined || author === undefined) return;
  const stay = locals.get(author);
  if (stay?.phase === "in") giveAnswer(stay, told);
}

/**
 * Letters go to the connection that speaks when they are applied, and to no other: their clients keep no positions, so
 * nothing could tell them apart again. Those to a member that is away wait for whoever brings it back.
 */
function speaks(room: Room, stay: Stay): boolean {
  const member = room.member(stay.member);
  return member?.state === "present" && sameEpoch(member.epoch, stay.epoch);
}

/** Tells one stay what it missed, the answers among it. */
export function give(room: Room, stay: Stay, told: Told): void {
  const { event, audience, author } = told;
  const mine = author === stay.member;
  if (event !== undefined) {
    const addressed = audience === "all" || (audience === "others" ? !mine : audience === stay.member);
    if (addressed && isHeard(room, told)) stay.session.deliver(event);
  }
  if (mine) giveAnswer(stay, told);
}

/** As `give`, but only what was said: the view that went before holds the rest. */
export function giveSaid(room: Room, stay: Stay, replayed: readonly Told[]): void {
  for (const told of replayed) {
    const type = told.event?.type;
    if (type === "signal" || type === "broadcast" || type === "letter" || told.author === stay.member)
      give(room, stay, told);
  }
}

/** Of what was told, the letters after this log time: those that waited for somebody to speak for the member. */
export function giveLetters(room: Room, stay: Stay, replayed: Iterable<Told>, after: number): void {
  for (const told of replayed) {
    if (told.event?.type === "letter" && told.position.time > after) give(room, stay, told);
  }
}

export function giveJoined(room: Room, stay: Stay, position: Position): void {
  const member = room.member(stay.member);
  if (member === undefined) return;
  const n = stay.wish?.n;
  stay.wish = undefined;
  stay.lastN = Math.max(stay.lastN, member.mark.n);
  stay.session.deliver({
    type: "joined",
    room: stay.room,
    ...(n === undefined ? {} : { n }),
    self: stay.member,
    mark: member.mark.n,
    position,
    view: room.view(stay.member),
  });
}

export function giveGap(room: Room, stay: Stay, from: Position, reason: GapReason): void {
  const gap = { from, to: room.at, reason };
  stay.session.deliver({ type: "gap", room: stay.room, position: room.at, gap, view: room.view(stay.member) });
}

/** Where presence is only a count, a change is told once per bundle, however many came and went in it. */
export function spreadCount(name: RoomName, room: Room, locals: Locals): void {
  const what = { change: "count", count: room.size } as const;
  const event = { type: "member", room: name, position: room.at, what } as const;
  for (const stay of locals.all) if (stay.phase === "in") stay.session.deliver(event);
}

/** Whether the presence mode lets members hear it. */
function isHeard(room: Room, { event }: Told): boolean {
  return event?.type !== "member" || room.settings.presence === "full";
}

function giveAnswer(stay: Stay, told: Told): void {
  const { answer, n, position, detail } = told;
  if (answer === "ack") {
    stay.session.deliver({ type: "ack", room: stay.room, n, position });
  } else if (answer !== undefined && answer !== "superseded") {
    // A superseded command was said through an earlier connection: the present one sends it again and is answered then.
    const why = detail === undefined ? {} : { detail };
    stay.session.deliver({ type: "refused", reason: answer, room: stay.room, n, ...why });
  }
}
