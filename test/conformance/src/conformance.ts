// A whole run of the kit against one server.
import { cases as allCases } from "./cases/mod.ts";
import { Client } from "./client.ts";
import { CannotConnect } from "./fault.ts";
import { Patience } from "./patience.ts";
import { type RunOptions, runCases } from "./runner.ts";
import { heading, rowsOf } from "./table.ts";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Not applicable to this server, for a reason that the table gives. */
  readonly skipped: number;
}

export interface ConformanceOptions extends Partial<RunOptions> {
  /** Only cases whose names it finds. */
  readonly only?: RegExp;
}

/** Generous: a case takes some milliseconds, and only one that hangs takes all of it. */
const usual: RunOptions = { deadline: 15_000, concurrency: 12 };

/**
 * Tries every case in both codecs and prints a table line by line; the caller prints the tally. Rejects with
 * `CannotConnect` when there is no server, or none that lets anonymous clients in.
 */
export async function runConformance(
  url: string,
  print: (line: string) => void,
  { only, ...options }: ConformanceOptions = {},
): Promise<Tally> {
  const run = { ...usual, ...options };
  const limits = await limitsOf(url, run.deadline);
  for (const line of heading) print(line);
  const chosen = only === undefined ? allCases : allCases.filter(({ name }) => only.test(name));
  const results = await runCases(url, chosen, limits, run, (result) => {
    for (const line of rowsOf(result)) print(line);
  });
  const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("n/a") };
}

async function limitsOf(url: string, deadline: number) {
  const patience = new Patience(deadline);
  let client: Client | undefined;
  try {
    client = await Client.open(url, "json", patience, "the kit");
    const { limits } = await client.hello();
    return limits;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotConnect(
      `${url} cannot be tried: ${why}.\nStart a server that lets anonymous clients in (npm start), and give the address of its socket, like ws://127.0.0.1:8080/v1/socket.`,
      { cause: error },
    );
  } finally {
    client?.cut();
    patience.end();
  }
}
