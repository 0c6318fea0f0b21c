import { Coturn } from "@heliograph/cluster";
import type { IceAsker } from "@heliograph/core";
import { realm, sessionId } from "@heliograph/core/contract";
import type { IceGrant } from "@heliograph/protocol";
import type { IceUrl, Login } from "@heliograph/turn";
import { answerDraftApi, IceIssuer, openWire, readIceUrl, SecretSource, TurnClient } from "@heliograph/turn";
import { unprobed } from "@heliograph/turn/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeIn, labSecrets, RelayClients } from "./relay-clients.ts";

const [secret, newSecret] = labSecrets;
const clients = new RelayClients();

let coturn: Coturn;

beforeAll(async () => {
  coturn = await Coturn.start({ secrets: [secret], userQuota: 3 });
});

afterAll(async () => {
  clients.closeAll();
  await coturn.stop();
});

function stand() {
  const at = coturn.host;
  const urls = [
    `turn:${at}:${coturn.port}?transport=udp`,
    `turns:${at}:${coturn.tlsPort}?transport=tcp`,
    `turn:${at}:${coturn.port}?transport=tcp`,
  ];
  const signing = (...secrets: readonly string[]) => ({
    secrets: secrets.map((text) => ({ reveal: () => text })),
    tagKey: { reveal: () => new Uint8Array(32).fill(7) },
    ttl: 600,
    zones: [{ id: "lab", priority: 1, urls }],
  });
  const clock = { now: () => Date.now() };
  const source = new SecretSource("own", signing(secret), clock);
  const issuer = new IceIssuer({
    clock,
    observer: { observe: () => undefined },
    sources: [source],
    settings: { stun: [], anonymous: "grant", maxUrls: 4, blocked: new Set() },
    health: unprobed,
  });
  const grant = (session: number, user?: string): IceGrant => {
    const asker: IceAsker = {
      realm,
      session: sessionId(session),
      address: "a",
      ...(user === undefined ? {} : { user }),
    };
    return issuer.grant(asker, "auto", "greeting").grant;
  };
  return { source, signing, issuer, grant };
}

/** What the grant's TURN server takes: its URLs and the login for them. */
function turnOf({ iceServers: [server] }: IceGrant): { readonly urls: readonly IceUrl[]; readonly login: Login } {
  if (server?.username === undefined || server.credential === undefined) throw new Error("no TURN in the grant");
  const urls = server.urls.map((text) => {
    const read = readIceUrl(text);
    if (!read.ok) throw new Error("no URL of TURN");
    return read.url;
  });
  return { urls, login: { username: server.username, password: server.credential } };
}

describe("a grant, at a real coturn", () => {
  test("[turn 38] opens a relay at every one of its URLs: UDP, TLS and TCP", async () => {
    const { urls, login } = turnOf(stand().grant(1));
    expect(urls.map(({ scheme, transport }) => `${scheme} ${transport}`)).toEqual([
      "turn udp",
      "turns tcp",
      "turn tcp",
    ]);
    for (const { host, port, scheme, transport } of urls) {
      const target = { host, port, transport: scheme === "turns" ? ("tls" as const) : transport };
      const opened = await openWire(target, { ca: coturn.certificate });
      if (!opened.ok) throw new Error(`no wire over ${target.transport}`);
      const client = new TurnClient(opened.value.wire);
      expect(await client.allocate(login)).toMatchObject({ ok: true, value: { lifetime: 600 } });
      expect(await client.refresh(0)).toEqual({ ok: true, value: 0 });
      client.close();
    }
  });

  test("[turn 42] counts one user behind many tabs as one, and another user apart", async () => {
    const { grant } = stand();
    const held = [];
    for (const tab of [1, 2, 3]) {
      const { client, ...answer } = await clients.allocate(coturn, turnOf(grant(tab, "ann")).login);
      expect(answer.ok).toBe(true);
      held.push(client);
    }
    expect(await clients.tryOut(coturn, turnOf(grant(4, "ann")).login)).toBe(486);
    expect(await clients.tryOut(coturn, turnOf(grant(4, "bob")).login)).toBeUndefined();
    expect(await clients.tryOut(coturn, turnOf(grant(4)).login)).toBeUndefined();
    for (const client of held) await client.refresh(0);
  });

  test("[turn 43] of a secret that leaked serves no longer once coturn forgot it, and the one that is pushed does", async () => {
    const { grant, issuer, source, signing } = stand();
    const withdrawn: (number | undefined)[] = [];
    issuer.onChange((change) => withdrawn.push(change.withdrawn));
    const old = turnOf(grant(1)).login;
    expect(await clients.tryOut(coturn, old)).toBeUndefined();
    try {
      await coturn.restart([newSecret]);
      source.replace(signing(newSecret));
      expect(withdrawn).toEqual([expect.any(Number)]);
      expect(await clients.tryOut(coturn, old)).toBe(401);
      expect(await clients.tryOut(coturn, turnOf(grant(1)).login)).toBeUndefined();
    } finally {
      await coturn.restart([secret]);
    }
  });

  test("[turn 49] is what an SFU gets too, under the login of the draft API", async () => {
    const { source } = stand();
    const key = "key-of-an-sfu-1234";
    const { status, body } = answerDraftApi(new URLSearchParams({ service: "turn", key }), {
      source,
      keys: [{ reveal: () => key }],
      maxUrls: 4,
      health: unprobed,
      random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    });
    expect(status).toBe(200);
    const { username, password } = JSON.parse(new TextDecoder().decode(body));
    const { client, ...answer } = await clients.allocate(coturn, { username, password });
    expect(codeIn(answer)).toBeUndefined();
    expect(answer).toMatchObject({ ok: true });
    await client.refresh(0);
    expect(await clients.tryOut(coturn, { username: `${username}x`, password })).toBe(401);
  });
});
