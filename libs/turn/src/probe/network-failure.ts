// What errors of sockets mean to whoever looks for a TURN server.
import type { TurnFailure } from "./turn-failure.ts";

export function failureOfSocket(error: unknown): TurnFailure {
  const code = error instanceof Error && "code" in error ? `${error.code}` : "unknown";
  if (code === "ECONNREFUSED") return { is: "closed" };
  // OpenSSL, and Node's own checks of the certificate, name themselves; everything else is the network's.
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code === "EPROTO" || certificateCodes.has(code))
    return { is: "tls", why: code };
  return { is: "network", why: code };
}

const certificateCodes: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);
