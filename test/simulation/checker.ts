// The promises, each as a function over the journals alone: it knows what clients sent and heard, and nothing of nodes.
import type { MemberId, Position, RoomName } from "@heliograph/protocol";
import type { Coverage, Heard } from "./coverage.ts";
import { coverages, covers, within } from "./coverage.ts";
import type { Fact, Line } from "./journal.ts";
import { order, place } from "./journal.ts";

export interface Facts {
  readonly journal: readonly Line[];
  /** Where presence was turned down at times, so that not everyone is told of everyone. */
  readonly dim: ReadonlySet<RoomName>;
  /** Milliseconds for which nothing may be missed. */
  readonly window: number;
  /** Milliseconds that a client has to come back. */
  readonly grace: number;
  /** From when on nothing goes wrong any more, in milliseconds of virtual time. */
  readonly peace: number;
  /** The stream was lost, or dropped what it had before its time. */
  readonly reborn: boolean;
  /** Every place of each room's log. */
  readonly stored: ReadonlyMap<RoomName, readonly Position[]>;
}

/** Everything that anyone heard in one room, by place. */
type Record = ReadonlyMap<string, Heard>;

export function check(facts: Facts): string[] {
  const stays = coverages(facts.journal);
  const broken: string[] = [];
  const again = new Set(facts.journal.flatMap((line) => (line.what === "again" ? [line.id] : [])));
  for (const room of new Set(facts.journal.map((line) => line.room))) {
    const here = stays.filter((stay) => stay.room === room);
    const record = recordOf(here);
    broken.push(
      ...oneOrder(here, record, again, facts.reborn),
      ...nothingLost(here, record, facts.dim.has(room)),
      ...answersHold(
        facts.journal.filter((line) => line.room === room),
        here,
        record,
        facts.reborn,
      ),
      ...nothingDoubled(here),
      ...gapsAreExact(facts, here, room),
      ...oneOwner(record),
      ...nobodyHeardIsLost(here, facts.grace, facts.peace),
      ...onePicture(here, facts.dim.has(room)),
    );
    if (!facts.dim.has(room)) {
      broken.push(
        ...nobodyUnannounced(here),
        ...everyAwayEnds(here),
        ...noGhosts(here),
        ...graceIsGiven(here, facts.grace),
      );
    }
  }
  return broken;
}

function recordOf(stays: readonly Coverage[]): Record {
  const record = new Map<string, Heard>();
  for (const { heard, viewed } of stays) {
    for (const one of heard) {
      // What was told live knows more than what was told again before a view.
      if (!record.has(place(one.position)) || !within(viewed, one.position)) record.set(place(one.position), one);
    }
  }
  return record;
}

/** Per room one order for all: places rise for everyone, and everyone hears the same at the same place. */
export function oneOrder(
  stays: readonly Coverage[],
  record: Record,
  again: ReadonlySet<string> = new Set(),
  reborn = false,
): string[] {
  const broken: string[] = [];
  for (const stay of stays) {
    let last: Position | undefined;
    for (const { fact, position } of stay.heard) {
      if (last !== undefined && order(position, last) <= 0) {
        broken.push(`one order for all: ${nameOf(stay)} heard ${place(position)} after ${place(last)}`);
      }
      last = position;
      const other = record.get(place(position));
      // Between the end of a log and the adoption of one state hosts may differ in what a change made of a room.
      const passing = fact.type !== "said" && (reborn || within(stay.viewed, position));
      if (other !== undefined && !passing && sameFact(other.fact) !== sameFact(fact)) {
        broken.push(
          `one order for all: at ${place(position)} ${nameOf(stay)} heard ${textOf(fact)}, another ${textOf(other.fact)}`,
        );
      }
    }
  }
  return [...broken, ...ownOrder([...record.values()], again)];
}

/** What one client says is heard in the order in which it said it; what it was asked to send again may come later. */
function ownOrder(all: readonly Heard[], again: ReadonlySet<string>): string[] {
  const broken: string[] = [];
  const last = new Map<string, number>();
  for (const { fact } of [...all].sort((a, b) => order(a.position, b.position))) {
    if (fact.type !== "said" || again.has(fact.id)) continue;
    const [, count = "0"] = fact.id.split("#");
    const author = fact.from;
    if ((last.get(author) ?? 0) > Number(count))
      broken.push(`one order for all: ${fact.id} was heard after #${last.get(author)}`);
    last.set(author, Number(count));
  }
  return broken;
}

/** Whoever was there and was addressed has heard it, or was told that it missed it. */
export function nothingLost(stays: readonly Coverage[], record: Record, dim = false): string[] {
  const broken: string[] = [];
  for (const stay of stays) {
    const heard = new Set(stay.heard.map(({ position }) => place(position)));
    for (const [at, { fact, position }] of record) {
      if (heard.has(at) || !isFor(fact, stay.who) || !covers(stay, position)) continue;
      if (fact.type !== "said" && (within(stay.viewed, position) || dim)) continue;
      broken.push(`nothing is lost: ${nameOf(stay)} did not hear ${textOf(fact)} at ${at}`);
    }
  }
  return broken;
}

/** Applied: heard by all who were there from before it was said. Refused: heard by nobody. At the end nothing is open. */
export function answersHold(
  journal: readonly Line[],
  stays: readonly Coverage[],
  record: Record,
  reborn = false,
): string[] {
  const broken: string[] = [];
  const heard = new Map<string, Position>();
  for (const { fact, position } of record.values()) if (fact.type === "said") heard.set(fact.id, position);
  const sent = new Map(journal.flatMap((line) => (line.what === "sent" ? [[line.id, line] as const] : [])));
  const open = new Set(sent.keys());
  for (const line of journal) {
    if (line.what === "stays" && line.unanswered.length > 0) {
      broken.push(`every command is answered: ${line.unanswered.join(", ")} at the end are not`);
    }
    if (line.what !== "answered") continue;
    const command = sent.get(line.id);
    if (!open.delete(line.id)) broken.push(`every command is answered once: ${line.id} was answered twice`);
    if (command === undefined) continue;
    const at = heard.get(line.id);
    if (line.outcome === "refused" && at !== undefined) {
      broken.push(`what is refused is not delivered: ${line.id} (${line.reason}) was heard at ${place(at)}`);
    }
    if (line.outcome !== "applied" || (command.kind !== "broadcast" && command.kind !== "signal")) continue;
    // What was answered by a log that is gone may have been applied once more by its successor.
    if (!reborn && at !== undefined && order(at, line.by) > 0) {
      broken.push(`an answer says how far: ${line.id} was applied by ${place(line.by)}, but heard at ${place(at)}`);
    }
    if (at !== undefined) continue;
    for (const stay of stays) {
      if (stay.who === command.who || (command.to !== undefined && command.to !== stay.who)) continue;
      if (!coversAll(stay, command.known, line.by)) continue;
      broken.push(`nothing is lost: ${line.id} was applied by ${place(line.by)}, and ${nameOf(stay)} never heard it`);
    }
  }
  return broken;
}

function coversAll(stay: Coverage, from: Position, to: Position): boolean {
  if (order(from, stay.from) < 0 || (stay.to !== undefined && order(to, stay.to) > 0)) return false;
  return !stay.gaps.some((gap) => order(gap.from, to) < 0 && order(gap.to, from) > 0);
}

/** No command reaches anyone twice, wherever it stands. */
export function nothingDoubled(stays: readonly Coverage[]): string[] {
  const broken: string[] = [];
  for (const who of new Set(stays.map((stay) => stay.who))) {
    const ids = new Set<string>();
    for (const { lines } of stays.filter((stay) => stay.who === who)) {
      for (const line of lines) {
        if ((line.what !== "heard" && line.what !== "whispered") || line.fact.type !== "said") continue;
        if (ids.has(line.fact.id)) broken.push(`nothing is doubled: ${who} heard ${line.fact.id} twice`);
        ids.add(line.fact.id);
      }
    }
  }
  return broken;
}

/**
 * A gap ends with its view, and only for what is older than the window may there be one. That nothing before and after
 * it is missing is seen by `nothingLost`.
 */
export function gapsAreExact(facts: Facts, stays: readonly Coverage[], room: RoomName): string[] {
  const broken: string[] = [];
  const stored = facts.stored.get(room) ?? [];
  for (const stay of stays) {
    for (const line of stay.lines) {
      if (line.what !== "gap") continue;
      const { from, to, reason } = line.gap;
      if (order(to, line.position) !== 0) {
        broken.push(
          `a gap is exact: ${nameOf(stay)} was told of one up to ${place(to)} with a view as of ${place(line.position)}`,
        );
      }
      if (facts.reborn) continue;
      const first = stored.find((position) => order(position, from) > 0);
      if (reason !== "too_old" || first === undefined || first.time > line.at - facts.window) {
        const missed = first === undefined ? "nothing" : place(first);
        broken.push(
          `nothing is lost inside the window: ${nameOf(stay)} at ${line.at} was told of a gap (${reason}) after ${place(from)}, missing ${missed}`,
        );
      }
    }
  }
  return broken;
}

/** The connection that speaks for a member never gives way to an older one. */
export function oneOwner(record: Record): string[] {
  const broken: string[] = [];
  const speaking = new Map<MemberId, number>();
  for (const { fact } of [...record.values()].sort((a, b) => order(a.position, b.position))) {
    if (fact.type !== "said") continue;
    const before = speaking.get(fact.from) ?? 0;
    if (fact.attempt < before)
      broken.push(`one owner: ${fact.id} was said by connection ${fact.attempt} after ${before}`);
    speaking.set(fact.from, Math.max(before, fact.attempt));
  }
  return broken;
}

/** At the end everyone shows the same room; the same people too, unless some were not told of all. */
export function onePicture(stays: readonly Coverage[], dim = false): string[] {
  const shown = stays.flatMap((stay) =>
    stay.lines.flatMap((line) => {
      if (line.what !== "stays") return [];
      const { people, text } = line.shown;
      return [{ name: nameOf(stay), text: dim ? text : `${people}\n${text}` }];
    }),
  );
  const first = shown[0];
  return shown.flatMap(({ name, text }) =>
    first === undefined || text === first.text
      ? []
      : [`everyone shows the same room: ${name} shows\n${text}\nand ${first.name}\n${first.text}`],
  );
}

/**
 * Nobody hears a signal from a peer before its `joined` or after its end, and everybody comes and goes in turn: who is
 * there does not join, who is not does not leave, and `left` comes exactly once.
 */
export function nobodyUnannounced(stays: readonly Coverage[]): string[] {
  const broken: string[] = [];
  for (const stay of stays) {
    let there: Map<MemberId, "present" | "away"> | undefined;
    for (const line of stay.lines) {
      if ("shown" in line && line.shown !== undefined) {
        there = new Map(line.shown.members.map(({ id, state }) => [id, state]));
      }
      if ((line.what !== "heard" && line.what !== "whispered") || there === undefined) continue;
      const wrong = step(there, line.fact);
      // Before a view not every change is told: a `back` may come without its `away`.
      const passing = line.fact.type !== "said";
      if (line.what === "heard" && within(passing ? stay.viewed : stay.caughtUp, line.position)) continue;
      if (wrong !== undefined) broken.push(`${wrong}: ${nameOf(stay)} heard ${textOf(line.fact)} at ${line.at}`);
    }
  }
  return broken;
}

function step(there: Map<MemberId, "present" | "away">, fact: Fact): string | undefined {
  switch (fact.type) {
    case "said":
      return there.has(fact.from) ? undefined : "nobody is heard before its joined";
    case "joined": {
      const known = there.has(fact.member);
      there.set(fact.member, "present");
      return known ? "joined comes once" : undefined;
    }
    case "left":
      return there.delete(fact.member) ? undefined : "left comes exactly once";
    case "gone":
      there.delete(fact.member);
      return undefined;
    case "away": {
      const known = there.get(fact.member);
      there.set(fact.member, "away");
      return known === "present" ? undefined : "away comes to who is present";
    }
    case "back": {
      const known = there.get(fact.member);
      there.set(fact.member, "present");
      return known === "away" ? undefined : "back comes to who is away";
    }
    case "updated":
      return there.has(fact.member) ? undefined : "updated comes to who is there";
    case "changed":
      return undefined;
    default:
      return fact satisfies never;
  }
}

/** Whoever is declared lost had the whole grace to come back, by the time of the log. */
export function graceIsGiven(stays: readonly Coverage[], grace: number): string[] {
  const broken: string[] = [];
  for (const stay of stays) {
    const since = new Map<MemberId, number>();
    for (const { fact, position } of stay.heard) {
      if (fact.type === "away") since.set(fact.member, position.time);
      else if (fact.type === "left" && fact.text.includes('"lost"')) {
        const passed = position.time - (since.get(fact.member) ?? 0);
        if (passed < grace)
          broken.push(`a grace is given: ${fact.member} was lost after ${passed} ms, ${nameOf(stay)} heard`);
      } else if ("member" in fact) since.delete(fact.member);
    }
  }
  return broken;
}

/** In peace nobody is declared lost who is heard. */
export function nobodyHeardIsLost(stays: readonly Coverage[], grace: number, peace: number): string[] {
  return stays.flatMap((stay) =>
    stay.lines.flatMap((line) =>
      line.what === "ended" && line.why === "expired" && line.at > peace + grace && line.silent < grace / 2
        ? [`who is heard is not lost: ${nameOf(stay)} was declared lost at ${line.at}`]
        : [],
    ),
  );
}

/** When all has come to rest nobody is away: each came back or left. */
export function everyAwayEnds(stays: readonly Coverage[]): string[] {
  return stays.flatMap((stay) =>
    stay.lines.flatMap((line) =>
      line.what === "stays"
        ? line.shown.members
            .filter(({ state }) => state === "away")
            .map(({ id }) => `away ends with back or left: ${nameOf(stay)} still shows ${id} away`)
        : [],
    ),
  );
}

/** Whoever has gone without a word was declared lost: at the end those are shown who are there. */
export function noGhosts(stays: readonly Coverage[]): string[] {
  const last = stays.flatMap((stay) => stay.lines.flatMap((line) => (line.what === "stays" ? [{ stay, line }] : [])));
  const there = new Set(last.map(({ stay }) => stay.who));
  return last.flatMap(({ stay, line }) =>
    line.shown.members
      .filter(({ id }) => !there.has(id))
      .map(({ id }) => `left comes exactly once: ${nameOf(stay)} still shows ${id}, who has gone`),
  );
}

function isFor(fact: Fact, who: MemberId): boolean {
  switch (fact.type) {
    case "said":
      return fact.to === undefined ? fact.from !== who : fact.to === who;
    case "joined":
    case "back":
    case "away":
    case "left":
      return fact.member !== who;
    case "updated":
    case "gone":
    case "changed":
      return true;
    default:
      return fact satisfies never;
  }
}

/** As far as two hearers must agree: what is told again from the log knows less of a member than what was told live. */
function sameFact(fact: Fact): string {
  if (fact.type === "said" || fact.type === "gone" || fact.type === "changed") return textOf(fact);
  return `${fact.type} ${fact.member}`;
}

function textOf(fact: Fact): string {
  return JSON.stringify(fact);
}

function nameOf({ who, room }: Coverage): string {
  return `${who.slice(0, 4)} in ${room}`;
}
