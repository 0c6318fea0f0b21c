// Which way a peer connection goes: the selected candidate pair, read from WebRTC statistics.
import type { CandidateType, PairKind } from "@heliograph/protocol";

export interface PeerStats {
  readonly local?: CandidateType;
  readonly remote?: CandidateType;
  /** How the relay of our own is reached, where the path goes through one and the browser tells. */
  readonly relayProtocol?: RelayProtocol;
  /** Milliseconds. */
  readonly roundTrip?: number;
}

export type RelayProtocol = "udp" | "tcp" | "tls";

type Entry = Readonly<Record<string, unknown>>;

/** Reads `webrtc-stats` (W3C) sections 8.11, 8.15 and 8.16; absent where nothing is selected yet. */
export function readStats(report: RTCStatsReport): PeerStats {
  const entries = new Map<string, Entry>();
  report.forEach((value: unknown, id) => {
    if (typeof value === "object" && value !== null) entries.set(id, { ...value });
  });
  const all = [...entries.values()];
  const chosen = all.find((entry) => entry["type"] === "transport")?.["selectedCandidatePairId"];
  // Firefox has no transport entries and marks the pair itself.
  const pair =
    (typeof chosen === "string" ? entries.get(chosen) : undefined) ??
    all.find((entry) => entry["type"] === "candidate-pair" && entry["selected"] === true) ??
    all.find((entry) => entry["type"] === "candidate-pair" && entry["nominated"] === true);
  if (pair === undefined) return {};
  const local = candidateType(entries, pair["localCandidateId"]);
  const remote = candidateType(entries, pair["remoteCandidateId"]);
  const relayProtocol = local === "relay" ? relayProtocolOf(entries, pair["localCandidateId"]) : undefined;
  const seconds = pair["currentRoundTripTime"];
  return {
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
    ...(relayProtocol === undefined ? {} : { relayProtocol }),
    ...(typeof seconds === "number" ? { roundTrip: Math.round(seconds * 1000) } : {}),
  };
}

function candidateType(entries: ReadonlyMap<string, Entry>, id: unknown): CandidateType | undefined {
  const type = typeof id === "string" ? entries.get(id)?.["candidateType"] : undefined;
  return type === "host" || type === "srflx" || type === "prflx" || type === "relay" ? type : undefined;
}

function relayProtocolOf(entries: ReadonlyMap<string, Entry>, id: unknown): RelayProtocol | undefined {
  const protocol = typeof id === "string" ? entries.get(id)?.["relayProtocol"] : undefined;
  return protocol === "udp" || protocol === "tcp" || protocol === "tls" ? protocol : undefined;
}

/** The kind of path, as operators count it; UDP where the browser does not tell. */
export function pairOf({ local, relayProtocol = "udp" }: PeerStats): PairKind | undefined {
  return local === "relay" ? `relay_${relayProtocol}` : local;
}
