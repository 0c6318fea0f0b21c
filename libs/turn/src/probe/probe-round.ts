// One round of probes: every server of every zone by every transport, at most three allocations at a time in a zone.
import type { IceProbeEnd } from "@heliograph/core";
import { readIceUrl } from "../ice-url.ts";
import type { Login } from "../login.ts";
import type { probeRelay, RelayProbe } from "./relay-probe.ts";
import { endOf } from "./relay-probe.ts";
import { targetOf } from "./turn-target.ts";
import type { TurnTarget } from "./wire.ts";

/** What is probed, as it stands now. */
export interface ProbedServers {
  readonly zones: readonly { readonly id: string; readonly urls: readonly string[] }[];
  readonly login: Login;
  /** False: allocations and nothing else. */
  readonly permissions: boolean;
}

export interface ZoneRound {
  readonly zone: string;
  /** One server at least relays, by any transport. */
  readonly up: boolean;
  /** Each transport once; where several servers have it, as the worst of them. */
  readonly transports: readonly {
    readonly transport: TurnTarget["transport"];
    readonly end: IceProbeEnd;
    /** Of the slowest allocation. */
    readonly ms: number;
  }[];
  /** False where any server of the zone let one pass. */
  readonly guards: readonly { readonly peer: string; readonly refused: boolean }[];
}

const unended: RelayProbe = {
  ms: 0,
  guards: [],
  trouble: { step: "connect", failure: { is: "timeout", while: "asking" } },
};

/** The share of a quota that probes may have, since clients share it with them. */
const atATime = 3;

/** Milliseconds of a whole round: the claim of whoever makes it runs out after 15 s. */
const roundBound = 12_000;

/** Never rejects, as `probe` never does. What has not ended after `bound` milliseconds counts as a timeout. */
export async function probeRound(
  servers: ProbedServers,
  probe: typeof probeRelay,
  bound = roundBound,
): Promise<readonly ZoneRound[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, bound);
  });
  const round = await Promise.all(servers.zones.map(({ id, urls }) => probeZone(id, urls, servers, probe, late)));
  clearTimeout(timer);
  return round;
}

async function probeZone(
  zone: string,
  urls: readonly string[],
  { login, permissions }: ProbedServers,
  probe: typeof probeRelay,
  late: Promise<void>,
): Promise<ZoneRound> {
  const targets = targetsOf(urls);
  const waiting = [...targets];
  const ended = new Map<TurnTarget, RelayProbe>();
  let over = false;
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined && !over; target = waiting.shift()) {
      ended.set(target, await probe(target, login, { permissions }));
    }
  };
  await Promise.race([Promise.all(Array.from({ length: atATime }, work)), late]);
  over = true;
  const found = targets.map((target) => ({ target, probe: ended.get(target) ?? unended }));
  const transports = (["udp", "tcp", "tls"] as const).flatMap((transport) => {
    const those = found.filter(({ target }) => target.transport === transport);
    const [first] = those;
    if (first === undefined) return [];
    const worst = those.find(({ probe: each }) => endOf(each) !== "up") ?? first;
    return [{ transport, end: endOf(worst.probe), ms: Math.max(...those.map(({ probe: each }) => each.ms)) }];
  });
  const guards = new Map<string, boolean>();
  for (const { probe: each } of found) {
    for (const { peer, refused } of each.guards) guards.set(peer, refused && guards.get(peer) !== false);
  }
  return {
    zone,
    up: found.some(({ probe: each }) => endOf(each) === "up"),
    transports,
    guards: [...guards].map(([peer, refused]) => ({ peer, refused })),
  };
}

function targetsOf(urls: readonly string[]): readonly TurnTarget[] {
  const targets = new Map<string, TurnTarget>();
  for (const text of urls) {
    const read = readIceUrl(text);
    const target = read.ok ? targetOf(read.url) : undefined;
    if (target === undefined) continue;
    const name = `${target.transport} ${target.host.toLowerCase()} ${target.port}`;
    if (!targets.has(name)) targets.set(name, target);
  }
  return [...targets.values()];
}
