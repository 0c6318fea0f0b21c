// One look at a TURN server: an allocation, a permission that it must give and two that it must not, and everything deleted.
import type { IceProbeEnd } from "@heliograph/core";
import type { Login } from "../login.ts";
import { openWire } from "./open-wire.ts";
import type { Allocation } from "./turn-client.ts";
import { TurnClient } from "./turn-client.ts";
import type { TurnFailure } from "./turn-failure.ts";
import { codeOf } from "./turn-failure.ts";
import type { TurnTarget, WireOptions } from "./wire.ts";

/** Somewhere on the public Internet. It is only permitted: a permission stays between us and the relay. */
export const publicPeer = "8.8.4.4";

/** A private network, and where clouds tell a machine its secrets: a relay that reaches them is a way in. */
export const guardedPeers: readonly string[] = ["10.255.255.255", "169.254.169.254"];

/** `connect`: there was no way to it. `peer`: it relays, but not to the public Internet. */
export type RelayStep = "connect" | "allocate" | "peer";

export interface RelayProbe {
  /** Milliseconds of the round trips of Allocate; 0 where it did not come to that. */
  readonly ms: number;
  readonly allocation?: Allocation;
  /** Why it does not relay; absent: it does. */
  readonly trouble?: { readonly step: RelayStep; readonly failure: TurnFailure };
  /** Of the peers that answered at all: whether the relay refused them, as it must. */
  readonly guards: readonly { readonly peer: string; readonly refused: boolean }[];
  /** Milliseconds since 1970. */
  readonly certificateEnds?: number;
}

export interface RelayProbeOptions extends WireOptions {
  /** False: an allocation and nothing else, for servers whose every byte costs money. */
  readonly permissions?: boolean;
}

/** Never rejects. Each step ends in time: connecting, allocating, permitting and deleting. */
export async function probeRelay(
  target: TurnTarget,
  login: Login,
  options: RelayProbeOptions = {},
): Promise<RelayProbe> {
  const opened = await openWire(target, options);
  if (!opened.ok) return { ms: 0, guards: [], trouble: { step: "connect", failure: opened.failure } };
  const { wire } = opened.value;
  const client = new TurnClient(wire, options.bound);
  const ends = wire.certificateEnds === undefined ? {} : { certificateEnds: wire.certificateEnds };
  try {
    const begun = performance.now();
    const allocated = await client.allocate(login);
    const ms = performance.now() - begun;
    if (!allocated.ok) return { ms, guards: [], trouble: { step: "allocate", failure: allocated.failure }, ...ends };
    const found = { ms, allocation: allocated.value, ...ends };
    if (options.permissions === false) {
      await client.refresh(0);
      return { ...found, guards: [] };
    }
    const [passed, ...guarded] = await Promise.all([publicPeer, ...guardedPeers].map((peer) => client.permit(peer)));
    // UDP has no end that a server could see: what is not deleted holds its quota until its lifetime is over.
    await client.refresh(0);
    const guards = guardedPeers.flatMap((peer, i) => {
      const answer = guarded[i];
      if (answer === undefined) return [];
      if (answer.ok) return [{ peer, refused: false }];
      return codeOf(answer.failure) === 403 ? [{ peer, refused: true }] : [];
    });
    if (passed?.ok === false) return { ...found, guards, trouble: { step: "peer", failure: passed.failure } };
    return { ...found, guards };
  } finally {
    client.close();
  }
}

/** As metrics count it. */
export function endOf({ trouble }: RelayProbe): IceProbeEnd {
  if (trouble === undefined) return "up";
  if (trouble.failure.is === "timeout") return "timeout";
  return codeOf(trouble.failure) ?? "unreachable";
}
