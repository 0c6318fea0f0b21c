import { randomBytes } from "node:crypto";
import { Coturn, type CoturnPlace } from "@heliograph/cluster";
import type { CoturnFileOptions, Login, TurnTarget } from "@heliograph/turn";
import {
  answerDraftApi,
  coturnDefaults,
  coturnFile,
  openWire,
  probeRelay,
  readIceUrl,
  SecretSource,
  TurnClient,
  targetOf,
} from "@heliograph/turn";
import { unprobed } from "@heliograph/turn/contract";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { codeIn, labSecrets, loginOf, RelayClients, transports, uclient } from "./relay-clients.ts";

const [secret, newSecret] = labSecrets;
/** Nothing is sent to them: a permission stays between client and server. */
const publicPeer = "8.8.4.4";
const publicPeer6 = "2606:4700:4700::1111";
/** Complaints of coturn about its own configuration, which it makes and then goes on. */
const complaint = /Bad configuration format|Wrong address format/;

const clients = new RelayClients();
const started: Coturn[] = [];

afterEach(() => clients.closeAll());
afterAll(async () => {
  await Promise.all(started.map((coturn) => coturn.stop()));
});

async function start(...options: Parameters<typeof Coturn.start>): Promise<Coturn> {
  const coturn = await Coturn.start(...options);
  started.push(coturn);
  return coturn;
}

type Listeners = Pick<CoturnFileOptions, "udp" | "tcp" | "tls">;

function listenersAt({ port, tlsPort, certFile, keyFile }: CoturnPlace): Required<Listeners> {
  return { udp: { port }, tcp: { port }, tls: { port: tlsPort, cert: certFile, key: keyFile } };
}

interface Strict {
  readonly stun?: boolean;
  readonly listeners?: (place: CoturnPlace) => Listeners;
  /** What somebody made of it. */
  readonly rewrite?: (text: string) => string;
}

/** Our own file as it stands, on the loopback. */
function strict({ stun = true, listeners = listenersAt, rewrite = (text) => text }: Strict = {}) {
  return (place: CoturnPlace, secrets: readonly string[]): string => {
    const file = coturnFile({
      ...coturnDefaults,
      ...listeners(place),
      release: "4.6.1",
      addresses: ["127.0.0.1"],
      stun,
      realm: "turn.example.org",
      relayPorts: { from: place.minPort, to: place.maxPort },
      secrets,
      database: `${place.folder}/turndb`,
      pidFile: `${place.folder}/pid`,
    });
    if (!file.ok) throw new Error(file.mistakes.join("\n"));
    return rewrite(file.text);
  };
}

function all<T>(peers: readonly string[], code: T): Readonly<Record<string, T>> {
  return Object.fromEntries(peers.map((peer) => [peer, code]));
}

async function codesOf(client: Awaited<ReturnType<RelayClients["connect"]>>, peers: readonly string[]) {
  const codes: Record<string, number | undefined> = {};
  for (const peer of peers) codes[peer] = codeIn(await client.permit(peer));
  return codes;
}

/** Whether a client gets an allocation within half a second; connecting alone says nothing over UDP. */
async function relays(coturn: Coturn, transport: TurnTarget["transport"]): Promise<boolean> {
  const port = transport === "tls" ? coturn.tlsPort : coturn.port;
  const opened = await openWire({ host: coturn.host, port, transport }, { ca: coturn.certificate, bound: 500 });
  if (!opened.ok) return false;
  const answer = await new TurnClient(opened.value.wire, 500).allocate(loginOf());
  opened.value.wire.close();
  return answer.ok;
}

describe("coturn with our secret", () => {
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await start({ secrets: [secret] });
  });

  test.for(transports)("[turn 38] gives a login of the provider a relay over %s", async (transport) => {
    const { client, ...answer } = await clients.allocate(coturn, loginOf(), { transport });
    expect(answer).toMatchObject({
      ok: true,
      value: { lifetime: 600, open: false, relayed: { address: "127.0.0.1" } },
    });
    expect(await client.refresh(0)).toEqual({ ok: true, value: 0 });
  });

  test.for([
    ["UDP", []],
    ["TCP", ["-t"]],
  ] as const)("[turn 38] relays for coturn's own client over %s without a loss", async ([, how]) => {
    const { username, password } = loginOf();
    const login = ["-u", username, "-w", password];
    const { code, output } = await uclient(
      "-p",
      `${coturn.port}`,
      ...login,
      ...how,
      "-y",
      "-c",
      "-n",
      "5",
      coturn.host,
    );
    expect(code, output).toBe(0);
    expect(output).toContain("tot_recv_msgs=10");
    expect(output).toMatch(/Total lost packets 0 \(/);
  });

  test("[turn 38] carries data between two of our own clients, over each transport", async () => {
    for (const transport of transports) {
      const one = await clients.allocate(coturn, loginOf(), { transport });
      const other = await clients.allocate(coturn, loginOf(), { transport });
      if (!one.ok || !other.ok) throw new Error("both have a relay");
      expect(await one.client.permit(other.value.relayed.address)).toMatchObject({ ok: true });
      expect(await other.client.bind(0x4000, one.value.relayed)).toMatchObject({ ok: true });
      const heard: unknown[] = [];
      one.client.onData((from, data) => heard.push({ from, data: Buffer.from(data).toString() }));
      other.client.onData((from, data) => {
        heard.push({ from, data: Buffer.from(data).toString() });
        other.client.send(from, Buffer.from("and back"));
      });
      one.client.send(other.value.relayed, Buffer.from("there"));
      await until(`both to hear over ${transport}`, () => heard.length === 2);
      expect(heard).toEqual([
        { from: one.value.relayed, data: "there" },
        { from: other.value.relayed, data: "and back" },
      ]);
    }
  });

  const wrongLogins: Readonly<Record<string, () => Login>> = {
    "ended one second ago": () => loginOf({ life: -1 }),
    "has another tag": () => ({ ...loginOf(), username: loginOf().username.replace("tag-1", "tag-2") }),
    "has its end pushed forward": () => ({ ...loginOf(), username: loginOf({ life: 900 }).username }),
    "was signed with another secret": () => loginOf({ secret: newSecret }),
  };

  test.for(Object.entries(wrongLogins))("[turn 39] answers a login that %s with a second 401", async ([, login]) => {
    for (const transport of transports) {
      const { client: _, ...answer } = await clients.allocate(coturn, login(), { transport });
      expect(answer).toMatchObject({ ok: false, failure: { is: "answered", code: 401 } });
    }
  });

  test("[turn 39] sends coturn's own client away with 255", async () => {
    const ended = loginOf({ life: -1 });
    const login = ["-u", ended.username, "-w", ended.password];
    const { code, output } = await uclient("-p", `${coturn.port}`, ...login, "-y", "-c", "-n", "5", coturn.host);
    expect(output).toContain("Cannot complete Allocation");
    expect(code).toBe(255);
  });

  test("[turn 41] refuses another login on the socket of an allocation with 441, and the old one goes on", async () => {
    const login = loginOf();
    const { client, ...answer } = await clients.allocate(coturn, login);
    expect(answer.ok).toBe(true);
    expect(codeIn(await client.refresh(600, loginOf({ life: 900 })))).toBe(441);
    expect(await client.refresh(600, login)).toEqual({ ok: true, value: 600 });
  });
});

describe("coturn and a login that has ended", () => {
  test("[turn 40] lets the allocation go on, a stale nonce included, and starts no other", async () => {
    const coturn = await start({ secrets: [secret], settings: ["stale-nonce=1"] });
    const login = loginOf({ life: 4 });
    const { client, ...answer } = await clients.allocate(coturn, login);
    expect(answer.ok).toBe(true);
    await until("the login to be refused", async () => (await clients.tryOut(coturn, login)) === 401);
    expect(await client.refresh(600)).toEqual({ ok: true, value: 600 });
    expect(await client.permit("127.0.0.1")).toMatchObject({ ok: true });
    expect(await client.bind(0x4001, { address: "127.0.0.1", port: 9 })).toMatchObject({ ok: true });
    // Its nonce had ended as well: the server said so once, and took the same login with the next nonce.
    expect(coturn.output).toMatch(/error 438/);
    expect(await clients.tryOut(coturn, login)).toBe(401);
  });
});

describe("coturn's quota", () => {
  test("[turn 42] goes by the tag, over logins that were renewed", async () => {
    const coturn = await start({ secrets: [secret], userQuota: 3 });
    const held = [];
    for (const life of [600, 601, 602]) {
      const { client, ...answer } = await clients.allocate(coturn, loginOf({ life }));
      expect(answer.ok).toBe(true);
      held.push(client);
    }
    expect(await clients.tryOut(coturn, loginOf({ life: 603 }))).toBe(486);
    expect(await clients.tryOut(coturn, loginOf({ tag: "tag-2" }))).toBeUndefined();
    expect(await held[0]?.refresh(0)).toEqual({ ok: true, value: 0 });
    await until("the place to be free", async () => (await clients.tryOut(coturn, loginOf())) === undefined, 2_000);
  });
});

describe("a secret that is changed", () => {
  test("[turn 43] leaves both serving while both are in the file, and the new one alone from then on", async () => {
    const coturn = await start({ configuration: strict(), secrets: [newSecret, secret] });
    const old = loginOf({ secret });
    const fresh = loginOf({ secret: newSecret });
    expect(await clients.tryOut(coturn, old)).toBeUndefined();
    expect(await clients.tryOut(coturn, fresh)).toBeUndefined();
    await coturn.restart([newSecret]);
    expect(await clients.tryOut(coturn, old)).toBe(401);
    expect(await clients.tryOut(coturn, fresh)).toBeUndefined();
  });

  test("[turn 43] leaves the allocations of the old one running where coturn is not started anew", async () => {
    // In a database, since a change of the file is a restart, which ends every allocation whatever its secret.
    const coturn = await start({ secrets: [] });
    for (const each of [secret, newSecret]) await coturn.admin("--set-secret", each);
    const old = loginOf({ secret });
    const { client, ...answer } = await clients.allocate(coturn, old);
    expect(answer.ok).toBe(true);
    await coturn.admin("--delete-secret", secret);
    await until("the old secret to be gone", async () => (await clients.tryOut(coturn, old)) === 401);
    expect(await client.refresh(600)).toEqual({ ok: true, value: 600 });
    expect(await clients.tryOut(coturn, loginOf({ secret: newSecret }))).toBeUndefined();
  });
});

describe("our configuration of coturn", () => {
  const refused = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "10.255.255.255",
    "100.64.0.1",
    "169.254.169.254",
    "172.31.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
  ];
  const refused6 = ["::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"];
  const private6 = [
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:a00:1::",
    "2001:db8::1",
    "fd00::1",
    "fe80::1",
    "ff02::1",
  ];

  test("[turn 44] [turn 45] refuses every private peer and lets a public one pass, without a complaint", async () => {
    const coturn = await start({ configuration: strict(), secrets: [secret] });
    for (const transport of transports) {
      const { client, ...answer } = await clients.allocate(coturn, loginOf(), { transport, lifetime: 3_600 });
      expect(answer).toMatchObject({ ok: true, value: { lifetime: 1_200 } });
      expect(await codesOf(client, refused)).toEqual(all(refused, 403));
      expect(codeIn(await client.permit(publicPeer))).toBeUndefined();
    }
    expect(codeIn(await clients.allocate(coturn, loginOf(), { family: 6 }))).toBe(440);
    expect(coturn.output).not.toMatch(complaint);
  });

  /** Where somebody adds IPv6 relays against our advice. */
  const withIpv6 = (text: string) => text.replace("relay-ip=127.0.0.1", "relay-ip=127.0.0.1\nrelay-ip=::1");

  test("[turn 44] refuses private peers by every IPv6 address that means one, where IPv6 relays are on", async () => {
    const coturn = await start({ configuration: strict({ rewrite: withIpv6 }), secrets: [secret] });
    const { client, ...answer } = await clients.allocate(coturn, loginOf(), { family: 6 });
    expect(answer.ok).toBe(true);
    const every = [...refused6, ...private6];
    expect(await codesOf(client, every)).toEqual(all(every, 403));
    expect(codeIn(await client.permit(publicPeer6))).toBeUndefined();
    expect(coturn.output).not.toMatch(complaint);
  });

  test("[turn 44] needs its rule for mapped addresses: without it an IPv6 relay reaches private peers", async () => {
    const unmapped = (text: string) => withIpv6(text).replace(/^denied-peer-ip=::ffff:.*$/m, "");
    const coturn = await start({ configuration: strict({ rewrite: unmapped }), secrets: [secret] });
    const { client } = await clients.allocate(coturn, loginOf(), { family: 6 });
    const mapped = ["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"];
    expect(await codesOf(client, mapped)).toEqual(all(mapped, undefined));
  });

  test("[turn 44] must have no range that begins at ::, with which not even a public peer passes", async () => {
    const trap = (text: string) => text.replace("denied-peer-ip=", "denied-peer-ip=::-::1\ndenied-peer-ip=");
    const coturn = await start({ configuration: strict({ rewrite: trap }), secrets: [secret] });
    const { client } = await clients.allocate(coturn, loginOf());
    expect(codeIn(await client.permit(publicPeer))).toBe(403);
  });

  test.for([
    ["no-such-option", /Bad configuration format: no-such-option/],
    ["denied-peer-ip=10.0.0.0/8", /Wrong address format/],
  ] as const)(
    "[turn 45] would be complained about with %s, and coturn would run all the same",
    async ([line, says]) => {
      const coturn = await start({
        configuration: strict({ rewrite: (text) => `${text}${line}\n` }),
        secrets: [secret],
      });
      expect(coturn.output).toMatch(says);
      expect(coturn.output).toMatch(complaint);
    },
  );

  test.for(transports)("opens %s alone where nothing else is named", async (only) => {
    const listeners = (place: CoturnPlace) => ({ [only]: listenersAt(place)[only] });
    const coturn = await start({ configuration: strict({ listeners }), secrets: [secret], listens: [only] });
    expect(codeIn(await clients.allocate(coturn, loginOf(), { transport: only }))).toBeUndefined();
    for (const other of transports) {
      if (other !== only) expect(await relays(coturn, other), other).toBe(false);
    }
    expect(coturn.output).not.toMatch(complaint);
  });

  test("relays and answers no STUN where STUN is somebody else's", async () => {
    const coturn = await start({ configuration: strict({ stun: false }), secrets: [secret], stun: false });
    expect(codeIn(await clients.allocate(coturn, loginOf()))).toBeUndefined();
    const client = await clients.connect(coturn, "tcp");
    expect(await client.binding()).toMatchObject({ ok: false });
    expect(coturn.output).not.toMatch(complaint);
  });
});

test("[turn 49] gives a relay to an SFU that fetched its login by the draft API", async () => {
  const coturn = await start({ secrets: [secret] });
  const key = "janus-9f41c07be2a84d13";
  const clock = { now: Date.now };
  const zones = [{ id: "lab", priority: 10, urls: [`turn:127.0.0.1:${coturn.port}?transport=udp`] }];
  const source = new SecretSource(
    "own",
    { secrets: [shown(secret)], tagKey: shown(randomBytes(32)), ttl: 600, zones },
    clock,
  );
  const random = { bytes: (length: number) => randomBytes(length) };
  const parts = { keys: [shown(key)], source, maxUrls: 4, health: unprobed, random };
  const asked = answerDraftApi(new URLSearchParams({ service: "turn", key }), parts);
  expect(asked.status).toBe(200);
  const { username, password, uris } = JSON.parse(new TextDecoder().decode(asked.body));
  const read = readIceUrl(uris[0]);
  const target = read.ok ? targetOf(read.url) : undefined;
  if (target === undefined) throw new Error(`${uris[0]} is a TURN server`);
  const found = await probeRelay(target, { username, password });
  expect(found.trouble).toBeUndefined();
  expect(found.allocation?.relayed.address).toBe("127.0.0.1");
});

function shown<T>(value: T): { reveal(): T } {
  return { reveal: () => value };
}
