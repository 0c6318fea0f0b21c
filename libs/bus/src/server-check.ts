// Whether a server is one that the log can stand on.
import { defaultSettings } from "@heliograph/core";
import { BusRefused } from "./bus-refused.ts";
import type { ServerFacts } from "./link/nats-link.ts";
import type { BusOptions } from "./options.ts";

/** Older ones lack batched direct gets, or fall to a twentieth of the speed with republishing (measured, 2.9). */
const oldest = [2, 12] as const;
/** Bytes that a bundle may add to what it carries. */
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
  // A bundle carries one frame of any size, or many small ones up to its own cap.
  const { bundleBytes } = defaultSettings;
  const [largest, what, elsewise] =
    largestFrame > bundleBytes
      ? ([largestFrame, "frames", ", or lower the largest frame of the doors"] as const)
      : ([bundleBytes, "bundles", ""] as const);
  if (server.maxPayload < largest + headroom) {
    throw new BusRefused(
      `the servers' max_payload of ${server.maxPayload} bytes is too small for ${what} of ${largest} bytes: set max_payload to at least ${largest + headroom} in the servers' configuration${elsewise}`,
    );
  }
}
