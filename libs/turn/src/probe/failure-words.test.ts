import { describe, expect, test } from "vitest";
import { wordsOfFailure } from "./failure-words.ts";
import type { RelayStep } from "./relay-probe.ts";
import type { TurnFailure } from "./turn-failure.ts";

const target = { host: "turn.example.org", port: 3478, transport: "udp" } as const;
const answered = (code: number, reason = ""): TurnFailure => ({ is: "answered", code, reason });

describe("what a failure means", () => {
  test.for<readonly [TurnFailure, RelayStep | "echo", string]>([
    [{ is: "name", why: "ENOTFOUND" }, "connect", "DNS knows no address of turn.example.org"],
    [{ is: "closed" }, "connect", "Nobody listens on UDP port 3478"],
    [{ is: "timeout", while: "connecting" }, "connect", "a firewall drops it"],
    [{ is: "timeout", while: "asking" }, "echo", "a firewall drops UDP among its relay ports"],
    [{ is: "tls", why: "CERT_HAS_EXPIRED" }, "connect", "the certificate has ended"],
    [{ is: "tls", why: "ERR_TLS_CERT_ALTNAME_INVALID" }, "connect", "the certificate is not for turn.example.org"],
    [{ is: "tls", why: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, "connect", "The chain is not whole".toLowerCase()],
    [{ is: "network", why: "EHOSTUNREACH" }, "connect", "EHOSTUNREACH"],
    [{ is: "garbled", why: "an answer that is not signed" }, "allocate", "is no TURN server"],
    [answered(401), "allocate", "the login is refused"],
    [answered(403), "allocate", "the server forbids it"],
    [answered(403), "peer", "deny range that begins at `::`"],
    [answered(403), "echo", "allowed-peer-ip"],
    [answered(486), "allocate", "user-quota"],
    [answered(508), "allocate", "no relay port left"],
    [answered(500, "Server Error"), "allocate", "500: Server Error."],
    [answered(499), "allocate", "499: no reason given."],
  ])("%j at %s says `%s`", ([failure, step, says]) => {
    expect(wordsOfFailure(failure, step, target)).toContain(says);
  });
});
