// Refuses settings of an endpoint that either listener could not keep: uWS ends the process over some of them.
import type { SocketEndpoint } from "./listener.ts";

/** Throws a RangeError that names the endpoint and the setting. */
export function checkEndpoints(endpoints: readonly SocketEndpoint<unknown>[]): void {
  const paths = new Set<string>();
  for (const { path, idleTimeoutSeconds, maxBufferedBytes, maxFrameBytes } of endpoints) {
    const fault = (what: string) => new RangeError(`socket endpoint ${path}: ${what}`);
    // uWS reads : and * in a route as patterns.
    if (!/^\/[\w./~-]*$/.test(path)) throw fault("its path must begin with / and hold letters, digits and /._~- only");
    if (paths.has(path)) throw fault("two endpoints share this path");
    paths.add(path);
    if (!isWithin(idleTimeoutSeconds, 8, 960)) throw fault("idleTimeoutSeconds must be 8 to 960");
    // Twice of it must fit uWS' signed 32 bits.
    if (!isWithin(maxFrameBytes, 1, 2 ** 30 - 1)) throw fault("maxFrameBytes must be 1 to 2^30 - 1");
    if (!isWithin(maxBufferedBytes, 1, 2 ** 31 - 1)) throw fault("maxBufferedBytes must be 1 to 2^31 - 1");
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
