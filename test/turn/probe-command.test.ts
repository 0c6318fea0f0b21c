// `heliograph turn probe` as people run it, against real coturn in every state that it has words for.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CoturnOptions, CoturnPlace } from "@heliograph/cluster";
import { Coturn, heliographCommand } from "@heliograph/cluster";
import { findClock } from "@heliograph/turn";
import { afterAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { labSecrets, loginOf, RelayClients } from "./relay-clients.ts";

const [secret, otherSecret] = labSecrets;
const folder = mkdtempSync(join(tmpdir(), "heliograph-probe-"));
const started: Coturn[] = [];
const clients = new RelayClients();

afterAll(async () => {
  clients.closeAll();
  await Promise.all(started.map((coturn) => coturn.stop()));
  rmSync(folder, { recursive: true });
});

/** Loopback peers are let through, so that data can pass; the guarded ones are not. */
const guarded = ["denied-peer-ip=10.0.0.0-10.255.255.255", "denied-peer-ip=169.254.0.0-169.254.255.255"];

async function start(options: CoturnOptions = {}): Promise<Coturn> {
  const coturn = await Coturn.start({ secrets: [secret], settings: guarded, ...options });
  started.push(coturn);
  return coturn;
}

function urlsOf(coturn: Coturn): readonly [udp: string, tcp: string, tls: string] {
  const { port, tlsPort } = coturn;
  return [
    `turn:127.0.0.1:${port}?transport=udp`,
    `turn:127.0.0.1:${port}?transport=tcp`,
    `turns:127.0.0.1:${tlsPort}?transport=tcp`,
  ];
}

function heliograph(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const env = { PATH: process.env["PATH"] };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [heliographCommand, ...args],
      { cwd: folder, env, timeout: 50_000 },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : -1, said: out + err });
      },
    );
  });
}

function probe(coturn: Coturn, urls: readonly string[], secrets: readonly string[] = [secret]) {
  const files = secrets.map((text) => {
    const path = join(folder, text);
    writeFileSync(path, `${text}\n`);
    return path;
  });
  const named = urls.flatMap((url) => ["--url", url]);
  const login = files.flatMap((path) => ["--secret-file", path]);
  return heliograph("turn", "probe", ...named, ...login, "--ca", coturn.place.certFile);
}

describe("heliograph turn probe", () => {
  test("finds every server of the configuration relaying, and ends with 0", async () => {
    // Room for the two allocations of an echo, so that a probe must not be in its own way.
    const coturn = await start({ secrets: [otherSecret, secret], userQuota: 2 });
    const path = join(folder, "heliograph.yaml");
    const zones = [{ id: "eu", urls: urlsOf(coturn) }];
    const providers = [{ type: "secret", id: "own", secrets: [secret, otherSecret] }];
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ turn: { stun: [], tagKey: "5a".repeat(32), zones, providers } }));
    const { code, said } = await heliograph("turn", "probe", "--config", path, "--ca", coturn.place.certFile);
    expect(said).toContain("zone eu, provider own\n");
    expect(said.match(/relays: an allocation takes \d+ ms, data there and back \d+ ms\./g)).toHaveLength(3);
    expect(said.match(/refuses private peers, as it must \(10\.255\.255\.255, 169\.254\.169\.254\)/g)).toHaveLength(3);
    expect(said.match(/takes logins of secret 2 of 2\./g)).toHaveLength(3);
    expect(said).toContain("Its clock is within 2 s of this machine's.");
    expect(said).toMatch(/All 3 servers relay\.\n$/);
    expect(said).not.toContain(secret);
    expect(code).toBe(0);
  });

  test("leaves no allocation behind", async () => {
    const places = 5;
    const coturn = await start({ settings: [...guarded, `total-quota=${places}`] });
    const { code, said } = await probe(coturn, urlsOf(coturn).slice(0, 1));
    expect(code, said).toBe(0);
    // Kept as they come free: each that is given back is taken for a second more.
    let held = 0;
    await until("all places to be free", async () => {
      if ((await clients.allocate(coturn, loginOf())).ok) held += 1;
      return held === places;
    });
  });

  test("tells that private peers are reached, and that public ones are not", async () => {
    const open = await start({ settings: [] });
    const reached = await probe(open, urlsOf(open).slice(0, 1));
    expect(reached.said).toContain("LETS CLIENTS REACH 10.255.255.255 AND 169.254.169.254");
    expect(reached.code).toBe(1);
    const trapped = await start({ settings: [...guarded, "denied-peer-ip=::-::1"] });
    const refused = await probe(trapped, urlsOf(trapped).slice(0, 1));
    expect(refused.said).toContain("does not relay. 403: public peers are refused.");
    expect(refused.code).toBe(1);
  });

  test("tells a relay that may not be its own peer", async () => {
    const coturn = await start({ loopbackPeers: false });
    const { code, said } = await probe(coturn, urlsOf(coturn).slice(0, 1));
    expect(said).toContain("allocates, and carries no data. 403: the relay may not be its own peer");
    expect(code).toBe(1);
  });

  test("tells another secret from a login that was typed wrongly", async () => {
    const coturn = await start();
    const [udp] = urlsOf(coturn);
    const wrong = await probe(coturn, [udp], [otherSecret]);
    expect(wrong.said).toContain("does not relay. 401: the login is refused.");
    expect(wrong.said).toContain("It takes no login of this secret, whenever it ends: coturn has another one.");
    expect(wrong.code).toBe(1);
    const { username, password } = loginOf();
    const right = await heliograph("turn", "probe", "--url", udp, "--username", username, "--password", password);
    expect(right.code, right.said).toBe(0);
    const missing = await probe(coturn, [udp], [secret, otherSecret]);
    expect(missing.said).toContain("DOES NOT TAKE logins of secret 2 of 2.");
    expect(missing.code).toBe(1);
  });

  test("tells a server that asks nobody for a login", async () => {
    const configuration = ({ port, minPort, folder: own }: CoturnPlace) =>
      [
        "listening-ip=127.0.0.1",
        "relay-ip=127.0.0.1",
        `listening-port=${port}`,
        `min-port=${minPort}`,
        ...["no-auth", "no-tls", "no-dtls", "no-cli", "allow-loopback-peers", "log-file=stdout", "simple-log"],
        `userdb=${own}/turndb`,
        ...guarded,
      ].join("\n");
    const coturn = await start({ configuration, listens: ["udp"] });
    const login = ["--username", "anybody", "--password", "anything"];
    const { code, said } = await heliograph("turn", "probe", "--url", urlsOf(coturn)[0], ...login);
    expect(said).toContain("relays: an allocation takes");
    expect(said).toContain("ASKS FOR NO LOGIN");
    expect(code).toBe(1);
  });

  test("tells a quota and a port range that are used up", async () => {
    const one = await start({ userQuota: 1 });
    const { username, password } = loginOf();
    const login = ["--username", username, "--password", password];
    const quota = await heliograph("turn", "probe", "--url", urlsOf(one)[0], ...login);
    expect(quota.said).toContain("486: the quota of this login's user is used up");
    // coturn keeps ports in pairs; the range is that of the folder's configuration, made narrower.
    const narrow = await start({ settings: [...guarded, "min-port=31998", "max-port=31998"] });
    const held = await clients.allocate(narrow, loginOf());
    expect(held.ok).toBe(true);
    const ports = await probe(narrow, urlsOf(narrow).slice(0, 1));
    expect(ports.said).toContain("508: the server has no relay port left");
    expect([quota.code, ports.code]).toEqual([1, 1]);
  });

  test("tells a certificate that nobody vouches for, and a port where something else answers", async () => {
    const coturn = await start();
    const [, , tls] = urlsOf(coturn);
    const { username, password } = loginOf();
    const login = ["--username", username, "--password", password];
    const unknown = await heliograph("turn", "probe", "--url", tls, ...login);
    expect(unknown.said).toContain("TLS failed (DEPTH_ZERO_SELF_SIGNED_CERT): the certificate is signed by itself");
    expect(unknown.code).toBe(1);
    const plain = createServer((socket) => {
      socket.on("error", () => {}).resume();
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    const address = plain.address();
    if (address === null || typeof address === "string") throw new Error("it listens");
    const noTls = await probe(coturn, [`turns:127.0.0.1:${address.port}`]);
    const noTurn = await probe(coturn, [`turn:127.0.0.1:${address.port}?transport=tcp`]);
    await new Promise((resolve) => plain.close(resolve));
    expect(noTls.said).toContain("what listens there speaks no TLS");
    expect(noTurn.said).toContain("What answers is no TURN server");
  });

  test("tells where nobody listens, and where nobody answers", async () => {
    const coturn = await start();
    coturn.pause();
    const silent = await probe(coturn, urlsOf(coturn));
    expect(silent.said).toMatch(/No answer over UDP port \d+ in time/);
    expect(silent.said).toMatch(/No answer over TCP port \d+ in time/);
    expect(silent.code).toBe(1);
    coturn.wake();
    await coturn.kill();
    const gone = await probe(coturn, urlsOf(coturn));
    expect(gone.said).toMatch(/Nobody listens on UDP port/);
    expect(gone.said.match(/Nobody listens on TCP port/g)).toHaveLength(2);
    expect(gone.said).toContain("0 of 3 servers are as they must be.");
    expect(gone.code).toBe(1);
  });
});

test("the clock of a real coturn is found to the second from the logins that it takes", async () => {
  const coturn = await start();
  const tryLogin = async (lastSecond: number) => {
    // `loginOf` counts from this machine's clock, which is coturn's.
    return (await clients.tryOut(coturn, loginOf({ life: lastSecond - Math.floor(Date.now() / 1_000) }))) === undefined;
  };
  expect(await findClock(tryLogin, Date.now)).toEqual({ is: "near" });
  for (const ahead of [-40, 3_000]) {
    const found = await findClock(tryLogin, () => Date.now() - ahead * 1_000);
    // A second may turn between the asking and the answer.
    expect(found.is === "off" && Math.abs(found.seconds - ahead), JSON.stringify(found)).toBeLessThanOrEqual(1);
  }
});
