// What an edge tells machines of its own house: its metrics, and logins for SFUs.
import type { Config } from "@heliograph/config";
import type { InternalListener, InternalPage } from "@heliograph/system";
import { metricsPage, openInternalListener } from "@heliograph/system";
import type { Metrics } from "@heliograph/telemetry";
import type { TurnParts } from "./turn-parts.ts";

export interface InternalPagesOptions {
  readonly metrics: Metrics;
  /** Undefined until logins can be made. */
  readonly turn: () => Pick<TurnParts, "answer"> | undefined;
  /** Of several processes on one port, from 1 on: each has a port of its own here. */
  readonly worker?: number | undefined;
  readonly onError: (error: unknown) => void;
}

/** Rejects with a sentence where the address cannot be listened on. */
export async function openInternalPages(
  { internal }: Config,
  { metrics, turn, worker = 1, onError }: InternalPagesOptions,
): Promise<InternalListener> {
  const { host } = internal.listen;
  const port = internal.listen.port === 0 ? 0 : internal.listen.port + worker - 1;
  const pages = [metricsPage(metrics), credentialsPage(turn)];
  try {
    return await openInternalListener({ host, port, pages, says: "A node answers GET /metrics.", onError });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EADDRINUSE") throw error;
    throw new Error(
      `${host} port ${port}, where metrics are told, is taken. End what listens there, or choose another: ` +
        `HELIOGRAPH_INTERNAL_LISTEN_PORT=${internal.listen.port + 100}`,
      { cause: error },
    );
  }
}

function credentialsPage(turn: InternalPagesOptions["turn"]): InternalPage {
  return (path, query) => (path === "/turn/credentials" ? turn()?.answer(query) : undefined);
}
