// The judge of a kill loop: journals in, a row for each round and every breach out. It knows nothing of how the cluster works.
import { judgeDigests, judgeSilence } from "./digests.ts";
import type { ConductorLine, Journals } from "./journal.ts";
import type { Breach, Traffic } from "./messages.ts";
import { judgeMessages, readTraffic } from "./messages.ts";
import { judgeOrder } from "./order.ts";
import { judgePresence } from "./presence.ts";
import type { Cut } from "./sessions.ts";
import { judgeSessions } from "./sessions.ts";

export interface Terms {
  /** Of the messages that were due in a round, this part must be acknowledged before it ends. */
  readonly rate: number;
  /** Whether what was told as a gap counts as told. */
  readonly gaps: "forbidden" | "told";
  /** Whether every round must have rooms of which two hosts were compared. */
  readonly compared: boolean;
}

export interface Row {
  readonly round: number;
  readonly kind: string;
  /** What was done to what, in order. */
  readonly struck: readonly string[];
  readonly offered: number;
  /** How long the round was, in milliseconds. */
  readonly lasted: number;
  readonly sent: number;
  /** Answered within the round. */
  readonly acknowledged: number;
  /** Of those sent in the round: without an answer to the end. */
  readonly unanswered: number;
  readonly refused: number;
  /** From sending to the answer, in milliseconds. */
  readonly waits: Spread;
  readonly cuts: number;
  readonly resumed: number;
  /** From the cut until all rooms were heard again, in milliseconds. */
  readonly healing: Spread;
  readonly aways: number;
  readonly gaps: number;
  readonly compared: number;
  readonly breaches: readonly Breach[];
}

export interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export interface Judgement {
  readonly rows: readonly Row[];
  /** Everything that is wrong, by rule and time. Empty: the promise was kept. */
  readonly breaches: readonly Breach[];
  /** Deliveries of messages, to show that there was something to judge. */
  readonly heard: number;
}

type RoundLine = Extract<ConductorLine, { what: "round" }>;

export function judge({ clients, conductor, digests }: Journals, terms: Terms): Judgement {
  const traffic = readTraffic(clients);
  const sessions = judgeSessions(clients, terms.gaps);
  const presence = judgePresence(clients);
  const rounds = conductor.filter((line) => line.what === "round");
  const found: Breach[] = [
    ...traffic.breaches,
    ...judgeMessages(traffic),
    ...judgeOrder(clients),
    ...presence.breaches,
    ...sessions.breaches,
    ...judgeDigests(digests),
    ...conductor.flatMap((line) =>
      line.what === "alarm" ? [{ rule: "no alarm", says: `${line.node}: ${line.says}`, at: line.at }] : [],
    ),
  ];
  if (rounds.length === 0) found.push({ rule: "journal", says: "there was no round", at: 0 });
  const rows = rounds.map((round, index) => {
    const begins = index === 0 ? Number.NEGATIVE_INFINITY : round.from;
    const ends = rounds[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const within = (at: number): boolean => at >= begins && at < ends;
    const silence = judgeSilence(digests, round.silent, round.at);
    const row = rowOf(
      round,
      traffic,
      sessions.cuts.filter(({ at }) => within(at)),
    );
    const own = [
      ...silence.breaches,
      ...termsBroken(round, row.acknowledged, silence.compared, terms),
      ...spokenByWoken(round, conductor, presence.aways),
    ];
    found.push(...own);
    return {
      ...row,
      struck: conductor.flatMap((line) =>
        line.what === "struck" && within(line.at) ? [`${line.how} ${line.part}`] : [],
      ),
      aways: presence.aways.filter(within).length,
      gaps: sessions.gaps.filter(within).length,
      compared: silence.compared,
      breaches: found.filter(({ at }) => within(at)),
    };
  });
  const heard = traffic.stays.reduce((sum, stay) => sum + [...stay.heard.values()].reduce((a, b) => a + b, 0), 0);
  return { rows, breaches: found.sort((a, b) => a.at - b.at), heard };
}

function rowOf(round: RoundLine, { messages }: Traffic, cuts: readonly Cut[]) {
  const all = [...messages.values()];
  const sent = all.filter(({ sentAt }) => sentAt >= round.from && sentAt < round.until);
  const applied = all.filter(({ outcome }) => outcome === "applied");
  const during = applied.filter(({ answeredAt = 0 }) => answeredAt >= round.from && answeredAt < round.until);
  return {
    round: round.round,
    kind: round.kind,
    offered: round.offered,
    lasted: round.until - round.from,
    sent: sent.length,
    acknowledged: during.length,
    unanswered: sent.filter(({ outcome }) => outcome === "unanswered" || outcome === "unknown").length,
    refused: sent.filter(({ outcome }) => outcome === "refused").length,
    waits: spreadOf(during.map(({ sentAt, answeredAt = 0 }) => answeredAt - sentAt)),
    cuts: cuts.length,
    resumed: cuts.filter(({ healedAt }) => healedAt !== undefined).length,
    healing: spreadOf(cuts.flatMap(({ at, healedAt }) => (healedAt === undefined ? [] : [healedAt - at]))),
  };
}

function termsBroken(round: RoundLine, acknowledged: number, compared: number, terms: Terms): Breach[] {
  const breaches: Breach[] = [];
  if (acknowledged < round.offered * terms.rate) {
    const part = ((100 * acknowledged) / round.offered).toFixed(1);
    const says = `of ${round.offered} messages offered in round ${round.round}, ${acknowledged} (${part} %) were acknowledged in it`;
    breaches.push({ rule: "the rate holds", says, at: round.until });
  }
  if (terms.compared && compared === 0) {
    breaches.push({ rule: "equal digests", says: `no hosts were compared in round ${round.round}`, at: round.until });
  }
  return breaches;
}

/** Whoever wakes after its sessions have moved has nothing to say about them: nobody goes away because of it. */
function spokenByWoken(round: RoundLine, conductor: readonly ConductorLine[], aways: readonly number[]): Breach[] {
  const woken = conductor.find((line) => line.what === "struck" && line.how === "SIGCONT" && line.at >= round.from);
  if (woken === undefined || woken.at >= round.at) return [];
  return aways
    .filter((at) => at >= woken.at && at < round.at)
    .map((at) => ({ rule: "the woken are fenced", says: `somebody was told away after a node woke`, at }));
}

function spreadOf(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { median: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0 };
}
