// Which failures waiting cannot heal, in words that say what can.
import { BusRefused } from "../bus-refused.ts";
import type { BusOptions } from "../options.ts";
import { AuthorizationRefused } from "./dial.ts";

/** What a runtime says of certificates that will not become right by trying again. */
const certificates =
  /certificate|CERT_|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|unable to get|wrong version number|ERR_TLS|ERR_SSL|ERR_OSSL/i;

/** Undefined: it may heal by itself. `denied`: what the servers did not let us do so far. */
export function whyRefused(error: unknown, options: BusOptions, denied: ReadonlySet<string>): BusRefused | undefined {
  if (error instanceof BusRefused) return error;
  const where = options.servers.join(", ");
  if (error instanceof AuthorizationRefused) {
    return new BusRefused(
      `the NATS servers at ${where} refuse us: ${error.message}. Set nats.user and nats.password, nats.token, nats.nkeySeed or nats.credsFile to what the servers know`,
      { cause: error },
    );
  }
  if (denied.size > 0) {
    return new BusRefused(
      `the NATS servers do not permit what is needed (${[...denied].join(", ")}): give the user the permissions that \`heliograph nats permissions\` prints`,
      { cause: error },
    );
  }
  const text = deepest(error);
  if (/does not support 'tls'/.test(text)) {
    return new BusRefused(`the NATS servers at ${where} offer no TLS: remove nats.tls, or enable it at the servers`, {
      cause: error,
    });
  }
  if (certificates.test(text)) {
    return new BusRefused(
      `no TLS connection to the NATS servers at ${where}: ${text}. Set nats.tls.caFile to the authority that signed their certificates, or correct the certificates`,
      { cause: error },
    );
  }
  if (/ENOENT|EACCES|doesn't exist/.test(text)) {
    return new BusRefused(`a file named in the nats section cannot be read: ${text}`, { cause: error });
  }
  return undefined;
}

function deepest(error: unknown): string {
  const words: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    words.push("code" in each ? `${each.message} (${String(each.code)})` : each.message);
  }
  return words.join(": ");
}
