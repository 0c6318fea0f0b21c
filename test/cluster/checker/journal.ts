// What the checker reads: one file for each client with what it did and heard, one of the conductor, one of the listener.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Milliseconds since 1970, by the one clock of the machine that all of them run on. */
interface Timed {
  readonly at: number;
}

export type MemberState = "present" | "away";

/** What a client did and heard, in that order. Ids of messages are the clients' own; nobody else makes them up. */
export type ClientLine = Timed &
  (
    | { readonly what: "welcome"; readonly session: string; readonly resumed: boolean; readonly node: string }
    /** Its connection was cut; what it says from now on waits. */
    | { readonly what: "lost" }
    /** Closed for good, taken over, or given up for lost by the cluster: nothing of the kind may happen to these. */
    | { readonly what: "over"; readonly why: string }
    | {
        readonly what: "joined";
        readonly room: string;
        readonly self: string;
        readonly members: Readonly<Record<string, MemberState>>;
      }
    | {
        readonly what: "resumed";
        readonly room: string;
        readonly verdict: string;
        readonly members: Readonly<Record<string, MemberState>>;
      }
    | { readonly what: "left"; readonly room: string; readonly why: string }
    | {
        readonly what: "sent";
        readonly room: string;
        readonly id: string;
        readonly kind: "unicast" | "broadcast";
        /** The member id of the addressee. */
        readonly to?: string;
      }
    | { readonly what: "answered"; readonly id: string; readonly outcome: "applied" }
    | { readonly what: "answered"; readonly id: string; readonly outcome: "refused"; readonly reason: string }
    /** The client was told that nobody can say. */
    | { readonly what: "answered"; readonly id: string; readonly outcome: "unknown" }
    | {
        readonly what: "heard";
        readonly room: string;
        readonly id: string;
        readonly from: string;
        readonly position: string;
      }
    | {
        readonly what: "member";
        readonly room: string;
        readonly change: "joined" | "left" | "away" | "back";
        readonly member: string;
        readonly position: string;
      }
    | {
        readonly what: "gap";
        readonly room: string;
        readonly from: string;
        readonly to: string;
        readonly reason: string;
      }
  );

/** What was done to the cluster, and when. */
export type ConductorLine = Timed &
  (
    | { readonly what: "struck"; readonly part: string; readonly how: string }
    /**
     * Messages were offered from `from` until `until`. From `silent`, when all of them were answered, until `at` nothing
     * happened at all, so that the hosts could compare.
     */
    | {
        readonly what: "round";
        readonly round: number;
        readonly kind: string;
        readonly from: number;
        readonly until: number;
        readonly silent: number;
        /** Messages that were due in this time. */
        readonly offered: number;
      }
    /** A line of a node's log that says that two hosts differ, or that it had a fault. */
    | { readonly what: "alarm"; readonly node: string; readonly says: string }
  );

/** The digests that the hosts of the rooms tell each other, as anybody on the bus can hear them. */
export type DigestLine = Timed & {
  readonly what: "digest";
  readonly node: string;
  readonly room: string;
  readonly seq: number;
  readonly time: number;
  readonly digest: string;
};

export interface ClientJournal {
  readonly name: string;
  readonly lines: readonly ClientLine[];
}

export interface Journals {
  readonly clients: readonly ClientJournal[];
  readonly conductor: readonly ConductorLine[];
  readonly digests: readonly DigestLine[];
}

const client = /^client-(.+)\.jsonl$/;

/** Throws when a file is missing, torn, or holds a line that is none: a journal that cannot be read proves nothing. */
export function readJournals(folder: string): Journals {
  const names = readdirSync(folder).sort();
  const clients = names.flatMap((file) => {
    const name = client.exec(file)?.[1];
    return name === undefined ? [] : [{ name, lines: linesOf<ClientLine>(join(folder, file), clientWords) }];
  });
  if (clients.length === 0) throw new Error(`there is no journal of a client in ${folder}`);
  return {
    clients,
    conductor: linesOf<ConductorLine>(join(folder, "conductor.jsonl"), ["struck", "round", "alarm"]),
    digests: linesOf<DigestLine>(join(folder, "digests.jsonl"), ["digest"]),
  };
}

const clientWords = [
  "welcome",
  "lost",
  "over",
  "joined",
  "resumed",
  "left",
  "sent",
  "answered",
  "heard",
  "member",
  "gap",
] as const satisfies readonly ClientLine["what"][];

function linesOf<Line extends Timed>(path: string, words: readonly string[]): Line[] {
  const text = readFileSync(path, "utf8");
  if (text !== "" && !text.endsWith("\n")) throw new Error(`${basename(path)} is torn`);
  return text.split("\n").flatMap((raw, index) => {
    if (raw === "") return [];
    const value: unknown = JSON.parse(raw);
    if (!isLine(value, words)) throw new Error(`${basename(path)}:${index + 1} is no line of a journal: ${raw}`);
    return [value as Line];
  });
}

function isLine(value: unknown, words: readonly string[]): boolean {
  if (typeof value !== "object" || value === null || !("what" in value) || !("at" in value)) return false;
  return typeof value.at === "number" && typeof value.what === "string" && words.includes(value.what);
}
