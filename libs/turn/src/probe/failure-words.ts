// What a failure means to an operator, and where to look: the sentences of `heliograph turn probe`.
import type { RelayStep } from "./relay-probe.ts";
import type { TurnFailure } from "./turn-failure.ts";
import type { TurnTarget } from "./wire.ts";

/** `echo`: two allocations of the same server were to reach each other. */
export function wordsOfFailure(failure: TurnFailure, step: RelayStep | "echo", target: TurnTarget): string {
  switch (failure.is) {
    case "name":
      return `DNS knows no address of ${target.host} (${failure.why}).`;
    case "closed":
      return `Nobody listens on ${transportName(target)} port ${target.port}: coturn is not running, or not there.`;
    case "tls":
      return `TLS failed (${failure.why}): ${wordsOfTls(failure.why, target)}`;
    case "timeout":
      return step === "echo"
        ? "Nothing came back through the relay: a firewall drops UDP among its relay ports."
        : `No answer over ${transportName(target)} port ${target.port} in time: a firewall drops it, or the machine is away.`;
    case "network":
      return `The network failed (${failure.why}).`;
    case "garbled":
      return `What answers is no TURN server, or somebody on the way changes it (${failure.why}).`;
    case "answered":
      return wordsOfCode(failure.code, failure.reason, step);
    default:
      return failure satisfies never;
  }
}

function wordsOfCode(code: number, reason: string, step: RelayStep | "echo"): string {
  switch (code) {
    case 401:
      return "401: the login is refused. Its secret or password is another than coturn's, or it has ended.";
    case 403:
      if (step === "echo")
        return "403: the relay may not be its own peer, so two clients on it do not meet. Its own address is in the deny list: add it as `allowed-peer-ip`.";
      if (step === "peer")
        return "403: public peers are refused. Is there a deny range that begins at `::`? coturn 4.6.1 takes it for everybody.";
      return "403: the server forbids it.";
    case 438:
      return "438: every nonce is stale at once. Do several machines without shared state answer under this address?";
    case 441:
      return "441: the allocation belongs to another login.";
    case 442:
      return "442: the server relays no UDP.";
    case 486:
      return "486: the quota of this login's user is used up (`user-quota`, `total-quota`).";
    case 508:
      return "508: the server has no relay port left (`min-port`, `max-port`), or no bandwidth (`bps-capacity`).";
    default:
      return `${code}: ${reason === "" ? "no reason given" : reason}.`;
  }
}

function wordsOfTls(why: string, { host }: TurnTarget): string {
  switch (why) {
    case "CERT_HAS_EXPIRED":
      return "the certificate has ended.";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return "the certificate is signed by itself, and browsers will not say so: they just get no relay.";
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return "the chain is not whole, or its authority is not known. `cert` must hold the whole chain.";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate is not for ${host}.`;
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      return "what listens there speaks no TLS.";
    default:
      return "client and server found no common version or cipher, or the certificate does not hold.";
  }
}

function transportName({ transport }: TurnTarget): string {
  return transport === "udp" ? "UDP" : "TCP";
}
