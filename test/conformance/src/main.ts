// What `npm run conformance -- <url>` runs. Exit code 0: all cases passed; 1: some failed; 2: nothing could be tried.
import { CannotConnect, runConformance } from "./mod.ts";

const usage = "Say which server to try: npm run conformance -- ws://127.0.0.1:8080/v1/socket";

async function main(args: readonly string[]): Promise<number> {
  const [url, ...rest] = args;
  if (url === undefined || rest.length > 0 || !URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol)) {
    console.error(usage);
    return 2;
  }
  try {
    const { passed, failed, skipped } = await runConformance(url, (line) => console.log(line));
    console.log(`${passed} passed, ${failed} failed, ${skipped} not applicable`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CannotConnect)) throw error;
    console.error(error.message);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
