// Opens a wire to a TURN server: the name becomes an address, and UDP, TCP or TLS reaches it, each step in time.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { openStreamWire } from "./stream-wire.ts";
import type { Told, TurnFailure } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import { openUdpWire } from "./udp-wire.ts";
import type { TurnTarget, Wire, WireOptions } from "./wire.ts";
import { stepBound } from "./wire.ts";

export interface OpenedWire {
  readonly wire: Wire;
  /** Where the name led. */
  readonly address: string;
}

/** Never rejects. */
export async function openWire(
  target: TurnTarget,
  { bound = stepBound, ca }: WireOptions = {},
): Promise<Told<OpenedWire>> {
  const until = performance.now() + bound;
  const found = await addressOf(target.host, bound);
  if (!found.ok) return found;
  const { address, family } = found.value;
  const left = Math.max(1, until - performance.now());
  const wire =
    target.transport === "udp"
      ? await openUdpWire(address, family === 6 ? 6 : 4, target.port, left)
      : await openStreamWire(target, address, left, ca);
  return wire.ok ? told({ wire: wire.value, address }) : wire;
}

async function addressOf(host: string, bound: number): Promise<Told<LookupAddress>> {
  const family = isIP(host);
  if (family !== 0) return told({ address: host, family });
  const timeout: TurnFailure = { is: "timeout", while: "connecting" };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Told<LookupAddress>>((resolve) => {
    timer = setTimeout(() => resolve(failed(timeout)), bound);
  });
  const asked = lookup(host).then(
    (found) => told(found),
    (error: unknown) => failed({ is: "name", why: codeOfError(error) }),
  );
  const first = await Promise.race([asked, late]);
  clearTimeout(timer);
  return first;
}

function codeOfError(error: unknown): string {
  return error instanceof Error && "code" in error ? `${error.code}` : "unknown";
}
