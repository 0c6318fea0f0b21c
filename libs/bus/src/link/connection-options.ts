// How one server is dialled: who we are, and whose certificates we trust.
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "@nats-io/transport-node";
import { credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import type { BusOptions } from "../options.ts";

/** Milliseconds that one attempt to connect may take. */
const dialPatience = 2000;

/** Rejects when a file cannot be read: read at every attempt, so that renewed ones count. */
export async function connectionOptions(options: BusOptions, server: string): Promise<ConnectionOptions> {
  const { name, user, password, token, nkeySeed, credsFile } = options;
  const authenticator =
    credsFile !== undefined
      ? credsAuthenticator(await readFile(credsFile))
      : nkeySeed !== undefined
        ? nkeyAuthenticator(new TextEncoder().encode(nkeySeed))
        : undefined;
  const tls = tlsOptions(options, server);
  return {
    servers: [addressIn(server)],
    name,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { token }),
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(tls === undefined ? {} : { tls }),
    // What we say ourselves is heard here without the network. Live copies of the log come from the server, not from us.
    noEcho: true,
    timeout: dialPatience,
    // Ours are the pings, the dialling and the choice of servers: what is configured is what is used.
    reconnect: false,
    pingInterval: 2 ** 30,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
  };
}

function tlsOptions({ tls }: BusOptions, server: string): ConnectionOptions["tls"] {
  if (tls === undefined && !server.startsWith("tls://")) return undefined;
  const host = hostIn(server);
  // The library names a server only by a name; an address, which certificates may bear too, would count as localhost.
  const named = isIP(host) === 0 ? {} : { host };
  return { ...tls, ...named };
}

function addressIn(server: string): string {
  return server.replace(/^(nats|tls):\/\//, "");
}

/** Without the port and the brackets of an IPv6 address. */
function hostIn(server: string): string {
  const address = addressIn(server).replace(/:\d+$/, "");
  return address.startsWith("[") ? address.slice(1, -1) : address;
}
