// What the commands of a terminal have in common: what was typed is read, run, and ended by a signal.
import type { Read } from "./arguments.ts";

/** Writes a line that says whose it is. */
export function sayAs(name: string): (line: string) => void {
  return (line) => void process.stdout.write(`[${name}] ${line}\n`);
}

/** Runs what was typed, or says what is wrong with it. `script`: as it is called in `npm run`. `run` gives the exit code. */
export async function obey<Arguments>(
  read: Read<Arguments>,
  script: string,
  run: (given: Arguments) => Promise<number>,
): Promise<void> {
  // Whoever read along has gone: what is being done goes on.
  process.stdout.on("error", () => undefined);
  switch (read.kind) {
    case "help":
      process.stdout.write(read.text);
      break;
    case "mistake":
      process.stderr.write(`${read.text}\nnpm run ${script} -- --help says what can be typed.\n`);
      process.exitCode = 2;
      break;
    case "run":
      try {
        process.exitCode = await run(read.arguments);
      } catch (error) {
        // What would not start has said why; nothing of the rest is left.
        process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        process.exitCode = 1;
      }
      break;
    default:
      read satisfies never;
  }
}

export function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      // Asked again while it ends, it still ends what it began: a second signal changes nothing.
      process.on(signal, () => resolve());
    }
  });
}
