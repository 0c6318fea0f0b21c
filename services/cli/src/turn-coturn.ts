// From what is typed to a configuration file of coturn: what `heliograph turn coturn` does.
import type { CoturnFile, CoturnFileOptions } from "@heliograph/turn";
import { coturnDefaults, coturnFile } from "@heliograph/turn";

/** As typed: names of options without their dashes. */
export interface CoturnTyped {
  readonly for: "production" | "4.6.1";
  readonly address: readonly string[];
  readonly external?: string;
  readonly udp?: string;
  readonly tcp?: string;
  readonly tls?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly stun: boolean;
  readonly realm: string;
  readonly zone?: string;
  readonly host?: string;
  readonly relayPorts?: string;
  readonly userQuota?: string;
  readonly totalQuota?: string;
  readonly allocationRate?: string;
  readonly rate?: string;
  readonly database?: string;
  readonly pidFile?: string;
  readonly runAs?: string;
}

/** `secrets`: the newest first. */
export function coturnFileOf(typed: CoturnTyped, secrets: readonly string[]): CoturnFile {
  const { database, pidFile, zone, host } = typed;
  const { quota, rate, relayPorts } = coturnDefaults;
  const [from, to] = splitIn2(typed.relayPorts, "-");
  const [publicAddress, privateAddress] = splitIn2(typed.external, "/");
  const [user, group] = splitIn2(typed.runAs, ":");
  return coturnFile({
    ...coturnDefaults,
    ...listenersOf(typed),
    release: typed.for,
    addresses: typed.address,
    stun: typed.stun,
    realm: typed.realm,
    secrets,
    relayPorts: typed.relayPorts === undefined ? relayPorts : { from: numberOf(from), to: numberOf(to) },
    quota: { user: numberOf(typed.userQuota, quota.user), total: numberOf(typed.totalQuota, quota.total) },
    rate: { allocation: numberOf(typed.allocationRate, rate.allocation), total: numberOf(typed.rate, rate.total) },
    ...(database === undefined ? {} : { database }),
    ...(pidFile === undefined ? {} : { pidFile }),
    ...(typed.external === undefined ? {} : { external: { public: publicAddress, private: privateAddress } }),
    ...(zone === undefined && host === undefined ? {} : { zone: { id: zone ?? "default", host: host ?? typed.realm } }),
    ...(typed.runAs === undefined ? {} : { runAs: { user, group } }),
  });
}

/** Where no listener is named: UDP and TCP, and TLS where there is a certificate. */
function listenersOf({ udp, tcp, tls, cert, key }: CoturnTyped): Pick<CoturnFileOptions, "udp" | "tcp" | "tls"> {
  const none = udp === undefined && tcp === undefined && tls === undefined;
  const secure = tls ?? (none && (cert !== undefined || key !== undefined) ? "443" : undefined);
  const plain = none ? "3478" : undefined;
  return {
    ...(udp === undefined && plain === undefined ? {} : { udp: { port: numberOf(udp ?? plain) } }),
    ...(tcp === undefined && plain === undefined ? {} : { tcp: { port: numberOf(tcp ?? plain) } }),
    ...(secure === undefined ? {} : { tls: { port: numberOf(secure), cert: cert ?? "", key: key ?? "" } }),
  };
}

/** What is no number is refused further on, where all mistakes are told together. */
function numberOf(text: string | undefined, initial = Number.NaN): number {
  if (text === undefined) return initial;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function splitIn2(text: string | undefined, at: string): readonly [string, string] {
  const [first = "", second = "", ...more] = (text ?? "").split(at);
  return more.length === 0 ? [first, second] : ["", ""];
}
