// 5,000 sessions resume at the other node after theirs was killed, over a log that others have filled.
import { fileURLToPath } from "node:url";
import { Child } from "@heliograph/cluster";
import { range } from "../against.ts";
import { atMost, type Bench } from "../bench.ts";
import { Ground, streamBytes } from "../ground.ts";
import { spread } from "../median.ts";
import { type ResumingResult, resuming } from "../scenarios/resuming.ts";

/** Entries per second that others say: the design's figure. */
const talk = 5_000;

export function resumingBench(name: "resume-young" | "resume-old"): Bench {
  const older = name === "resume-old";
  const about = `5,000 resumes after SIGKILL over a filled log, positions ${older ? "90" : "10"} s old`;
  return {
    name,
    about,
    run: async (options) => {
      const { runs, quick, progress } = options;
      const goal = older ? 30 : 5;
      const sessions = quick ? 500 : 5_000;
      const age = quick ? 5_000 : older ? 90_000 : 10_000;
      // What 10 minutes at 5,000 /s leave behind is what the log keeps: 300 s of it, 1.5 million entries.
      const fill = quick ? 20_000 : 1_500_000 - (age / 1_000) * talk;
      const results: ResumingResult[] = [];
      let [filledIn, bundles] = ["", 0];
      for (let run = 0; run < Math.min(runs, 3); run += 1) {
        const ground = await Ground.start({ edges: 2 });
        try {
          progress(`${name}: filling, run ${run + 1}`);
          filledIn = await say(ground, fill, 0);
          progress(`${name}: joining, ageing and resuming, run ${run + 1}`);
          const meanwhile = () => say(ground, (age / 1_000) * talk, talk);
          results.push(await resuming(ground, "resume", { sessions, age, atOnce: 1_000, meanwhile }));
          bundles = await ground.bundles();
        } finally {
          await ground.end();
        }
      }
      progress("");
      const of = (part: (result: ResumingResult) => number) => spread(results.map(part));
      const all = of((result) => result.all / 1_000);
      const whole = results.every((r) => r.complete === r.sessions && r.told === r.due);
      console.log(about);
      console.log(`  log: ${bundles} bundles in the end, ${fill} of them before the joins, ${filledIn}`);
      console.log(
        `  half of them whole after ${range(
          of(({ half }) => half / 1_000),
          2,
        )} s, all after ${range(all, 2)} s`,
      );
      console.log(
        `  the last into rooms with a living host after ${range(
          of(({ hosted }) => hosted / 1_000),
          2,
        )} s, without one after ${range(
          of(({ orphaned }) => orphaned / 1_000),
          2,
        )} s`,
      );
      console.log(
        `  complete ${range(
          of((r) => r.complete),
          0,
        )}, gaps ${range(
          of((r) => r.gaps),
          0,
        )}, others ${range(
          of((r) => r.others),
          0,
        )}`,
      );
      console.log(
        `  told what they missed ${range(
          of((r) => r.told),
          0,
        )} of ${range(
          of((r) => r.due),
          0,
        )}; surviving edge ${range(
          of((r) => r.cpu),
          1,
        )} s of CPU`,
      );
      return [
        {
          what: about,
          measured: `all within ${range(all, 1)} s, ${whole ? "each complete" : "NOT all complete"}`,
          goal: `all within ${goal} s, each complete`,
          standing: whole ? atMost(all.median, goal) : "missed by more than 25 %",
        },
      ];
    },
  };
}

/** In rooms that nobody hosts; resolves with how long it took. */
async function say(ground: Ground, count: number, perSecond: number): Promise<string> {
  const program = fileURLToPath(new URL("../servers/filler.js", import.meta.url));
  const args = [program, ground.nats.urls.join(","), String(streamBytes), String(count), String(perSecond)];
  const [words] = await new Child({ program: process.execPath, args }).said(/filled in \d+ ms/);
  return words;
}
