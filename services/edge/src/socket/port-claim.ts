// Finds out, before uWS is asked, whether an address can be listened on: uWS says only that it could not.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/**
 * The numeric address and port that `host` and `port` come to, free a moment ago. Rejects with Node's own error
 * (EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND), which names the address. It also keeps two processes apart: uWS shares
 * ports, so that the second would silently take half of the first one's connections.
 */
export async function claimPort(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
  const probe = createServer();
  probe.listen({ host, port, exclusive: true });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return isInternet(address) ? { host: address.address, port: address.port } : { host, port };
}

function isInternet(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address === "object";
}
