// Whether every session outlived every cut: welcomed as the same one, in all its rooms, with nothing missed.
import type { ClientJournal } from "./journal.ts";
import type { Breach } from "./messages.ts";

/** One cut of one client, until all its rooms were heard again. */
export interface Cut {
  readonly at: number;
  /** Undefined: never. */
  readonly healedAt: number | undefined;
}

export interface Sessions {
  readonly breaches: readonly Breach[];
  readonly cuts: readonly Cut[];
  readonly gaps: readonly number[];
}

/** `gaps`: whether a gap that was told is as good as everything heard. */
export function judgeSessions(clients: readonly ClientJournal[], gaps: "forbidden" | "told"): Sessions {
  const breaches: Breach[] = [];
  const cuts: Cut[] = [];
  const told: number[] = [];
  for (const { name, lines } of clients) {
    const rooms = new Set<string>();
    const unheard = new Set<string>();
    let session: string | undefined;
    let cut: number | undefined;
    for (const line of lines) {
      const wrong = (says: string): number => breaches.push({ rule: "every session resumes", says, at: line.at });
      switch (line.what) {
        case "welcome":
          if (session !== undefined && (!line.resumed || line.session !== session)) {
            wrong(`${name} was ${session} and came back as ${line.session}${line.resumed ? "" : ", a new session"}`);
          }
          session = line.session;
          break;
        case "lost":
          cut ??= line.at;
          for (const room of rooms) unheard.add(room);
          break;
        case "over":
          wrong(`${name} was ended: ${line.why}`);
          break;
        case "joined":
          rooms.add(line.room);
          break;
        case "resumed":
          if (line.verdict !== "complete" && gaps === "forbidden")
            wrong(`${name} resumed ${line.room}: ${line.verdict}`);
          unheard.delete(line.room);
          if (cut !== undefined && unheard.size === 0) {
            cuts.push({ at: cut, healedAt: line.at });
            cut = undefined;
          }
          break;
        case "left":
          rooms.delete(line.room);
          unheard.delete(line.room);
          if (line.why !== "left") wrong(`${name} lost its stay in ${line.room}: ${line.why}`);
          break;
        case "gap":
          told.push(line.at);
          if (gaps === "forbidden") wrong(`${name} was told of a gap in ${line.room}: ${line.reason}`);
          break;
        default:
          break;
      }
    }
    if (cut !== undefined) {
      cuts.push({ at: cut, healedAt: undefined });
      breaches.push({ rule: "every session resumes", says: `${name} was cut and never came back`, at: cut });
    }
  }
  return { breaches, cuts, gaps: told };
}
