// The configuration file of our own coturn: strict in every line, and every line with its reason.
import { isIPv4 } from "node:net";
import { deniedPeers, isDeniedPeer } from "./denied-peers.ts";

export interface CoturnFileOptions {
  /** `production`: 4.17 and above. `4.6.1`: Debian 12's, which tests run; it has holes that are known. */
  readonly release: "production" | "4.6.1";
  /** The IPv4 addresses to listen on and to relay from. */
  readonly addresses: readonly string[];
  /** Behind NAT that maps one address to one: what the world sees, and what the machine has. */
  readonly external?: { readonly public: string; readonly private: string };
  /** Listeners; what is absent is off. coturn has one port for UDP and plain TCP. */
  readonly udp?: { readonly port: number };
  readonly tcp?: { readonly port: number };
  readonly tls?: { readonly port: number; readonly cert: string; readonly key: string };
  /** Whether it answers STUN as well. */
  readonly stun: boolean;
  readonly realm: string;
  /** The names that clients reach it by and the zone it belongs to, for the comment that shows the matching setting. */
  readonly zone?: { readonly id: string; readonly host: string };
  /** The newest first; any is accepted. Empty: the line is left for whoever puts the file in place. */
  readonly secrets: readonly string[];
  /** UDP ports, one for each allocation. */
  readonly relayPorts: { readonly from: number; readonly to: number };
  /** Allocations at a time. */
  readonly quota: { readonly user: number; readonly total: number };
  /** Bytes per second: of one allocation, and of the machine. */
  readonly rate: { readonly allocation: number; readonly total: number };
  readonly database: string;
  readonly pidFile?: string;
  /** Whom the process becomes once its ports are open. */
  readonly runAs?: { readonly user: string; readonly group: string };
}

export type CoturnFile =
  | { readonly ok: true; readonly text: string }
  /** Sentences, all there are. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** What suits one machine of a zone, as far as anybody can say without knowing it. */
export const coturnDefaults = {
  release: "production",
  stun: true,
  secrets: [],
  relayPorts: { from: 20_000, to: 32_000 },
  quota: { user: 100, total: 1_200 },
  rate: { allocation: 1_000_000, total: 100_000_000 },
  database: "/var/lib/turn/heliograph.db",
} as const satisfies Partial<CoturnFileOptions>;

export function coturnFile(options: CoturnFileOptions): CoturnFile {
  const mistakes = mistakesOf(options);
  if (mistakes.length > 0) return { ok: false, mistakes };
  const parts = [
    heading(options),
    listeners(options),
    logins(options),
    peers(options),
    limits(options),
    surface(options),
    place(options),
  ];
  return { ok: true, text: `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n` };
}

function heading({ release, zone, udp, tcp, tls }: CoturnFileOptions): readonly string[] {
  const lines = [
    release === "production"
      ? "# coturn 4.17 or newer, as one machine of a TURN zone. Written by `heliograph turn coturn`."
      : "# coturn 4.6.1, for tests: it lacks fixes that production needs. Written by `heliograph turn coturn`.",
    "# Unknown lines and ranges that cannot be read are skipped with no more than a line in the log: it is in place when",
    "# `heliograph turn probe` says so.",
  ];
  if (zone === undefined) return lines;
  const { id, host } = zone;
  const urls = [
    ...(udp === undefined ? [] : [`turn:${host}:${udp.port}?transport=udp`]),
    ...(tls === undefined ? [] : [`turns:${host}:${tls.port}?transport=tcp`]),
    ...(tcp === undefined ? [] : [`turn:${host}:${tcp.port}?transport=tcp`]),
  ];
  const list = urls.map((url) => `#           - ${url}`);
  return [
    ...lines,
    "# The zone in heliograph.yaml:",
    "#   turn:",
    "#     zones:",
    `#       - id: ${id}`,
    "#         urls:",
    ...list,
  ];
}

function listeners({ addresses, external, udp, tcp, tls, stun }: CoturnFileOptions): readonly string[] {
  const plain = udp ?? tcp;
  return [
    "# Never every address of the machine: that would be the networks of containers and of management too. With IPv4",
    "# relays alone, no peer can be named by an IPv6 address that means an IPv4 one.",
    ...addresses.map((address) => `listening-ip=${address}`),
    ...addresses.map((address) => `relay-ip=${address}`),
    ...(external === undefined ? [] : [`external-ip=${external.public}/${external.private}`]),
    ...(plain === undefined ? [] : [`listening-port=${plain.port}`]),
    ...(udp === undefined ? ["no-udp"] : []),
    ...(tcp === undefined ? ["no-tcp"] : []),
    ...(tls === undefined
      ? ["no-tls"]
      : [
          "# For networks that let nothing but the web out. Below 1024 the process needs CAP_NET_BIND_SERVICE.",
          `tls-listening-port=${tls.port}`,
          "# The whole chain, from an authority that browsers know. After a renewal: SIGUSR2.",
          `cert=${tls.cert}`,
          `pkey=${tls.key}`,
        ]),
    ...(stun ? [] : ["# Clients ask another server where they are seen.", "no-stun"]),
  ];
}

function logins({ realm, secrets }: CoturnFileOptions): readonly string[] {
  return [
    "# Logins that Heliograph signs. No `lt-cred-mech` and no `user=` beside them: those would win.",
    "fingerprint",
    "use-auth-secret",
    ...(secrets.length === 0
      ? [
          "# As in `secrets` of the provider in heliograph.yaml; until it stands here every login is refused. While it is",
          "# being changed there are two lines, the new one first.",
          "# static-auth-secret=",
        ]
      : secrets.map((secret) => `static-auth-secret=${secret}`)),
    "# A part of every key: changing it ends what runs.",
    `realm=${realm}`,
    "stale-nonce=600",
  ];
}

function peers({ external }: CoturnFileOptions): readonly string[] {
  const own = external === undefined ? [] : [...new Set([external.public, external.private])].filter(isDeniedPeer);
  return [
    "# Peers that nobody may reach through the relay: everything that is not the public Internet. The packet filter must",
    "# say the same: such lists have been got round before. Never a range that begins at `::` (4.6.1 would refuse all).",
    "no-multicast-peers",
    "no-tcp-relay",
    ...deniedPeers.map(({ from, to }) => `denied-peer-ip=${from}-${to}`),
    ...(own.length === 0 ? [] : ["# Two clients of this very relay reach each other through its own address."]),
    ...own.map((address) => `allowed-peer-ip=${address}`),
  ];
}

function limits({ relayPorts, quota, rate }: CoturnFileOptions): readonly string[] {
  return [
    "# One UDP port for each allocation, below those that Linux gives to clients.",
    `min-port=${relayPorts.from}`,
    `max-port=${relayPorts.to}`,
    "# Allocations of one person, over all tabs, connections and networks, and of everybody. Too low looks like some",
    "# people not hearing some people.",
    `user-quota=${quota.user}`,
    `total-quota=${quota.total}`,
    "# Bytes per second, of an allocation and of the machine.",
    `max-bps=${rate.allocation}`,
    `bps-capacity=${rate.total}`,
    "# Who vanishes over UDP holds its quota that long.",
    "max-allocate-lifetime=1200",
  ];
}

function surface({ release }: CoturnFileOptions): readonly string[] {
  const common = ["response-origin-only-with-rfc5780", "no-auth-pings", "no-dynamic-ip-list", "no-dynamic-realms"];
  if (release === "production") {
    return [
      "# Small answers, so that nobody uses them against others. DTLS, the command line, TLS below 1.2 and the version in",
      "# every answer are off unless a line turns them on.",
      "unauthorized-ratelimit",
      ...common,
    ];
  }
  return [
    "# Off by default in newer releases: DTLS, which no browser uses, a command line on 5766, TLS below 1.2, and more",
    "# in an answer than was asked for.",
    "no-dtls",
    "no-cli",
    "no-tlsv1",
    "no-tlsv1_1",
    "no-rfc5780",
    "no-stun-backward-compatibility",
    "no-software-attribute",
    ...common,
  ];
}

function place({ database, pidFile, runAs }: CoturnFileOptions): readonly string[] {
  return [
    "# Without a line of its own, a database that everybody shares is opened. Nothing of ours is in it.",
    `userdb=${database}`,
    ...(pidFile === undefined ? [] : [`pidfile=${pidFile}`]),
    ...(runAs === undefined ? [] : [`proc-user=${runAs.user}`, `proc-group=${runAs.group}`]),
    "log-file=stdout",
    "simple-log",
    "new-log-timestamp",
  ];
}

function mistakesOf(options: CoturnFileOptions): readonly string[] {
  const { addresses, external, udp, tcp, tls, realm, zone, secrets, relayPorts, quota, rate, runAs } = options;
  const found: string[] = [];
  const demand = (holds: boolean, otherwise: string): void => {
    if (!holds) found.push(otherwise);
  };
  demand(addresses.length > 0, "There is no address to listen on.");
  for (const address of [...addresses, ...(external === undefined ? [] : [external.public, external.private])]) {
    demand(isIPv4(address) && address !== "0.0.0.0", `${quoted(address)} is not one IPv4 address of a machine.`);
  }
  const ports = [udp, tcp, tls].flatMap((listener) => (listener === undefined ? [] : [listener.port]));
  demand(ports.length > 0, "There is no listener: name UDP, TCP or TLS.");
  demand(ports.every(isPort), "A port is a whole number from 1 to 65535.");
  demand(
    udp === undefined || tcp === undefined || udp.port === tcp.port,
    "coturn answers UDP and plain TCP on one port: give both the same.",
  );
  const plain = udp ?? tcp;
  demand(plain === undefined || tls === undefined || plain.port !== tls.port, "TLS needs a port of its own.");
  for (const path of [tls?.cert, tls?.key, options.database, options.pidFile]) {
    demand(path === undefined || isPath(path), `${quoted(path ?? "")} cannot stand in the file as a path.`);
  }
  demand(/^[A-Za-z0-9.-]{1,127}$/.test(realm), `The realm ${quoted(realm)} is not a name like turn.example.org.`);
  demand(
    zone === undefined || (/^[a-z0-9-]{1,32}$/.test(zone.id) && /^[A-Za-z0-9.-]{1,253}$/.test(zone.host)),
    "A zone has 1 to 32 lower-case letters, digits or hyphens as its id, and a host by name or IPv4 address.",
  );
  // Not quoted: it is a secret, only not a good one.
  demand(
    secrets.every((secret) => /^[A-Za-z0-9_-]{32,512}$/.test(secret)),
    "A secret has at least 32 letters, digits, hyphens or underscores, as `openssl rand -hex 32` prints them.",
  );
  demand(new Set(secrets).size === secrets.length, "A secret is named twice.");
  const { from, to } = relayPorts;
  demand(
    isPort(from) && isPort(to) && from >= 1_024 && from <= to && to < 32_768,
    "Relay ports lie between 1024 and 32767, below those that Linux gives to clients.",
  );
  demand(!ports.some((port) => from <= port && port <= to), "A listener stands among the relay ports.");
  for (const number of [quota.user, quota.total, rate.allocation, rate.total]) {
    demand(Number.isSafeInteger(number) && number > 0, "Quotas and rates are whole numbers above 0.");
  }
  demand(quota.user <= quota.total, "One user's quota is larger than everybody's.");
  demand(rate.allocation <= rate.total, "One allocation's rate is larger than the machine's.");
  demand(
    runAs === undefined || [runAs.user, runAs.group].every((name) => /^[a-z_][a-z0-9_-]{0,31}$/.test(name)),
    "User and group are names of the system's.",
  );
  return [...new Set(found)];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** coturn's reader cuts at spaces and comments, and unquotes. */
function isPath(text: string): boolean {
  return /^[A-Za-z0-9_./+@-]+$/.test(text);
}

function quoted(text: string): string {
  return `"${text.replace(/\p{C}/gu, "").slice(0, 64)}"`;
}
