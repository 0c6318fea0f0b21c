// Answers for an edge that waits for NATS: it lives and is not ready, and its port is taken already.
import type { Config } from "@heliograph/config";
import type { Health } from "@heliograph/system";
import { edgeOptionsOf } from "./configured.ts";
import type { Listener } from "./socket/listener.ts";
import { openListener } from "./socket/open-listener.ts";

export interface WaitingRoom {
  /** The port, also where a free one was asked for. */
  readonly port: number;
  /** May be called again. */
  close(): Promise<void>;
}

/** Rejects where the edge itself could not listen: that is known before anything is waited for. */
export async function openWaitingRoom(
  config: Config,
  sharedPort: number | undefined,
  health: Health,
  onError: (error: unknown) => void,
): Promise<WaitingRoom> {
  const { host, port, tls, basePath, sharedPort: shared } = edgeOptionsOf(config, undefined, sharedPort);
  const listener: Listener = await openListener(
    {
      host,
      port,
      tls,
      sharedPort: shared ?? false,
      sockets: [],
      http: ({ path }) => (path.startsWith(basePath) ? health.answer(path.slice(basePath.length - 1)) : undefined),
      onError,
    },
    // The edge itself says so.
    () => undefined,
  );
  let closed: Promise<void> | undefined;
  return {
    port: listener.port,
    close: () => {
      closed ??= listener.close();
      return closed;
    },
  };
}
