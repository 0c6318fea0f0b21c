// Whether a server is one that the log can stand on.
import { BusRefused } from "./bus-refused.ts";
import type { ServerFacts } from "./link/nats-link.ts";
import type { BusOptions } from "./options.ts";

/** Older ones lack batched direct gets, or fall to a twentieth of the speed with republishing (measured, 2.9). */
const oldest = [2, 12] as const;
/** Bytes that a bundle may add to the largest frame. */
const headroom = 65_536;

/** Throws `BusRefused`. */
export function checkServer(server: ServerFacts | undefined, { largestFrame }: Pick<BusOptions, "largestFrame">): void {
  if (server === undefined) return;
  const [major = 0, minor = 0] = server.version.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw new BusRefused(
      `nats-server ${server.version} is too old: Heliograph needs ${oldest.join(".")} or newer. Debian's package is older; take one from https://github.com/nats-io/nats-server/releases`,
    );
  }
  if (!server.jetStream) {
    throw new BusRefused("JetStream is not enabled: start the servers with `jetstream { store_dir: … }`");
  }
  if (server.maxPayload < largestFrame + headroom) {
    throw new BusRefused(
      `the servers' max_payload of ${server.maxPayload} bytes is too small for frames of ${largestFrame} bytes: set max_payload to at least ${largestFrame + headroom} in the servers' configuration, or lower the largest frame of the doors`,
    );
  }
}
