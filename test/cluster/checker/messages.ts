// Whether every message came to whom it was meant for: acknowledged exactly once, else at most once, refused never.
import { grouped } from "./grouped.ts";
import type { ClientJournal, ClientLine } from "./journal.ts";
import type { Place } from "./place.ts";
import { compare, placeOf } from "./place.ts";

type Outcome = "applied" | "refused" | "unknown" | "unanswered";

export interface Message {
  readonly id: string;
  readonly author: string;
  /** The member id of the author in this room. */
  readonly from: string;
  readonly room: string;
  readonly to: string | undefined;
  readonly sentAt: number;
  answeredAt: number | undefined;
  outcome: Outcome;
}

/** One stay of one client in one room. */
export interface Stay {
  readonly client: string;
  readonly member: string;
  readonly room: string;
  readonly from: number;
  until: number;
  readonly gaps: { readonly from: Place; readonly to: Place; readonly at: number }[];
  /** How often each message was heard. */
  readonly heard: Map<string, number>;
}

/** Something that must not be, and when what it is about was said. */
export interface Breach {
  readonly rule: string;
  readonly says: string;
  readonly at: number;
}

export interface Traffic {
  readonly messages: ReadonlyMap<string, Message>;
  readonly stays: readonly Stay[];
  /** Where each message stands in its room, by whoever heard it. */
  readonly places: ReadonlyMap<string, Place>;
  readonly breaches: readonly Breach[];
}

export function readTraffic(clients: readonly ClientJournal[]): Traffic {
  const messages = new Map<string, Message>();
  const stays: Stay[] = [];
  const places = new Map<string, Place>();
  const breaches: Breach[] = [];
  for (const { name, lines } of clients) {
    const open = new Map<string, Stay>();
    for (const line of lines) follow(name, line, { messages, stays, open, places, breaches });
  }
  return { messages, stays, places, breaches };
}

interface Reading {
  readonly messages: Map<string, Message>;
  readonly stays: Stay[];
  readonly open: Map<string, Stay>;
  readonly places: Map<string, Place>;
  readonly breaches: Breach[];
}

function follow(client: string, line: ClientLine, reading: Reading): void {
  const { messages, stays, open, places, breaches } = reading;
  const wrong = (rule: string, says: string): number => breaches.push({ rule, says, at: line.at });
  switch (line.what) {
    case "joined": {
      const stay: Stay = {
        client,
        member: line.self,
        room: line.room,
        from: line.at,
        until: Number.POSITIVE_INFINITY,
        gaps: [],
        heard: new Map(),
      };
      const before = open.get(line.room);
      if (before !== undefined) before.until = line.at;
      open.set(line.room, stay);
      stays.push(stay);
      return;
    }
    case "left": {
      const stay = open.get(line.room);
      if (stay !== undefined) stay.until = line.at;
      open.delete(line.room);
      return;
    }
    case "sent": {
      if (messages.has(line.id)) wrong("journal", `${line.id} was sent twice`);
      messages.set(line.id, {
        id: line.id,
        author: client,
        from: open.get(line.room)?.member ?? "",
        room: line.room,
        to: line.to,
        sentAt: line.at,
        answeredAt: undefined,
        outcome: "unanswered",
      });
      return;
    }
    case "answered": {
      const message = messages.get(line.id);
      if (message === undefined || message.author !== client) {
        wrong("journal", `${client} was answered ${line.id}, which it never sent`);
      } else if (message.answeredAt !== undefined) wrong("answered once", `${line.id} was answered twice`);
      else {
        message.answeredAt = line.at;
        message.outcome = line.outcome;
      }
      return;
    }
    case "gap":
      open.get(line.room)?.gaps.push({ from: placeOf(line.from), to: placeOf(line.to), at: line.at });
      return;
    case "heard": {
      const stay = open.get(line.room);
      if (stay === undefined) {
        wrong("members only", `${client} heard ${line.id} in ${line.room}, where it was not`);
        return;
      }
      stay.heard.set(line.id, (stay.heard.get(line.id) ?? 0) + 1);
      if (!places.has(line.id)) places.set(line.id, placeOf(line.position));
      return;
    }
    case "welcome":
    case "lost":
    case "over":
    case "resumed":
    case "member":
      return;
    default:
      line satisfies never;
  }
}

export function judgeMessages({ messages, stays, places }: Traffic): Breach[] {
  const breaches: Breach[] = [];
  const byRoom = grouped(stays, ({ room }) => room);
  for (const message of messages.values()) {
    for (const stay of byRoom.get(message.room) ?? []) {
      const breach = judgeHearing(message, stay, places.get(message.id));
      if (breach !== undefined) breaches.push({ ...breach, at: message.sentAt });
    }
  }
  for (const stay of stays) {
    for (const id of stay.heard.keys()) {
      const message = messages.get(id);
      if (message === undefined) breaches.push({ rule: "made up", says: `${id} was never sent`, at: stay.from });
      else if (message.room !== stay.room) {
        breaches.push({ rule: "members only", says: `${id} was heard in ${stay.room}`, at: message.sentAt });
      }
    }
  }
  return breaches;
}

function judgeHearing(message: Message, stay: Stay, place: Place | undefined): Omit<Breach, "at"> | undefined {
  const { id, outcome } = message;
  const times = stay.heard.get(id) ?? 0;
  const meant = message.to === undefined ? stay.client !== message.author : stay.member === message.to;
  const who = `${stay.client} in ${stay.room}`;
  if (!meant)
    return times === 0 ? undefined : { rule: "addressees only", says: `${who} heard ${id}, not meant for it` };
  if (times > 1) return { rule: "nothing twice", says: `${who} heard ${id} ${times} times` };
  if (times === 1) {
    return outcome === "refused"
      ? { rule: "refused is refused", says: `${who} heard ${id}, which was refused` }
      : undefined;
  }
  if (outcome !== "applied") return undefined;
  // A member before it was said, and still one when it was answered: no doubt that it stood in the room.
  const there = stay.from <= message.sentAt && stay.until > (message.answeredAt ?? 0);
  if (!there || stay.gaps.some((gap) => covers(gap, place, message))) return undefined;
  return { rule: "nothing lost", says: `${who} never heard ${id}, which was acknowledged` };
}

/** What nobody heard has no place: then any gap that was told after it was said may be the one. */
function covers(gap: Stay["gaps"][number], place: Place | undefined, { sentAt }: Message): boolean {
  if (place === undefined) return gap.at >= sentAt;
  return compare(place, gap.from) > 0 && compare(place, gap.to) <= 0;
}
