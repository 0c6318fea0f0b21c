// The kit as a command: what may be typed, what is printed, and how it ends.
import type { runConformance as run } from "./conformance.ts";
import { runConformance } from "./conformance.ts";
import { CannotConnect } from "./fault.ts";

/** 0: nothing failed; 1: a case failed; 2: nothing could be tried. */
export type ExitCode = 0 | 1 | 2;

const usage = "Say which server to try: npm run conformance -- ws://127.0.0.1:8080/v1/socket";

export async function runCommand(
  args: readonly string[],
  print: (line: string) => void,
  complain: (line: string) => void,
  conform: typeof run = runConformance,
): Promise<ExitCode> {
  const [url, ...rest] = args;
  if (url === undefined || rest.length > 0 || !URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    complain(usage);
    return 2;
  }
  try {
    const { passed, failed, skipped } = await conform(url, print);
    print(`${passed} passed, ${failed} failed, ${skipped} not applicable`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CannotConnect)) throw error;
    complain(error.message);
    return 2;
  }
}
