import { turnIssuerContract } from "@heliograph/core/contract";
import { describe, expect, test } from "vitest";
import { eu, hidden, iceSet, issuerSettings, us } from "../contract/fixtures.ts";
import { iceAsker } from "../contract/ice-source.ts";
import { HandClock, scripted, secretA, secretB, signing, stand } from "../contract/issuer-stage.ts";
import { ScriptedSource } from "../contract/scripted-source.ts";
import { SecretSource } from "./providers/secret.ts";
import { StaticSource } from "./providers/static.ts";

/** For the suites of core, which let time pass by themselves: here none has to. */
const still = { until: async () => {}, round: async () => {}, end: async () => {} };

turnIssuerContract("our own coturn", async () => {
  const clock = new HandClock();
  const source = new SecretSource("own", signing(), clock);
  const { issuer } = stand(() => [source], { clock });
  return {
    ...still,
    issuer,
    renewal: { renew: async () => source.replace(signing({ secrets: [secretB, secretA] })) },
    withdrawal: { withdraw: async () => source.replace(signing({ secrets: [secretB] })) },
    loss: {
      lose: async () => source.replace(signing({ zones: [] })),
      recover: async () => source.replace(signing()),
    },
  };
});

turnIssuerContract("a fixed login", async () => {
  const login = { username: "lab", password: hidden("lab"), zones: [eu, us] };
  const source = new StaticSource("lab", login);
  const { issuer } = stand(() => [source]);
  return {
    ...still,
    issuer,
    renewal: { renew: async () => source.replace({ ...login, zones: [us] }) },
    withdrawal: { withdraw: async () => source.replace({ ...login, username: "lab-2" }) },
    loss: { lose: async () => source.replace({ ...login, zones: [] }), recover: async () => source.replace(login) },
  };
});

turnIssuerContract("one set for everybody", async () => {
  const { issuer, source, clock } = scripted();
  source.serve(iceSet(), 540_000);
  return {
    ...still,
    issuer,
    renewal: { renew: async () => source.serve(iceSet({ username: `${clock.time}:next` }), 540_000) },
    withdrawal: { lacks: "a service's login serves until its end" },
    loss: {
      lose: async () => {
        clock.pass(541);
        source.fail();
      },
      recover: async () => source.serve(iceSet(), 540_000),
    },
  };
});

turnIssuerContract("a service, and our own coturn behind it", async () => {
  const clock = new HandClock();
  const service = new ScriptedSource("svc", clock);
  const own = new SecretSource("own", signing(), clock);
  const { issuer } = stand(() => [service, own], { clock });
  return {
    ...still,
    issuer,
    renewal: { renew: async () => service.serve(iceSet(), 540_000) },
    withdrawal: { withdraw: async () => own.replace(signing({ secrets: [secretB] })) },
    loss: {
      lose: async () => {
        service.fail();
        own.replace(signing({ zones: [] }));
      },
      recover: async () => service.serve(iceSet(), 540_000),
    },
  };
});

describe("several sources", () => {
  function pair() {
    const clock = new HandClock();
    const [own, twilio] = [new ScriptedSource("own", clock), new ScriptedSource("twilio", clock)];
    return { ...stand(() => [own, twilio], { clock }), own, twilio, clock };
  }

  test("[turn 25] serve in their order, and going down and up again is news without a push", () => {
    const { own, twilio, issuer, told, clock, grant } = pair();
    twilio.serve(iceSet({ username: "twilio" }), 7_200_000);
    own.fail();
    expect(issuer.serving).toBe("twilio");
    expect(grant().iceServers[0]?.username).toBe("twilio");
    const low = issuer.grant(iceAsker(1), "auto", "request").generation;
    own.serve(iceSet({ username: "own" }), 540_000);
    expect(grant().iceServers[0]?.username).toBe("own");
    const high = issuer.grant(iceAsker(1), "auto", "request").generation;
    expect(high).toBeGreaterThan(low);
    clock.pass(541);
    own.fail();
    expect(grant().iceServers[0]?.username).toBe("twilio");
    expect(issuer.grant(iceAsker(1), "auto", "request").generation).toBeGreaterThan(high);
    expect(issuer.state).toBe("fresh");
    expect(told.every(({ withdrawn }) => withdrawn === undefined)).toBe(true);
  });

  test("are starting while one of them may still come, and not while another serves", () => {
    const { own, twilio, issuer } = pair();
    expect(issuer.state).toBe("starting");
    own.fail();
    expect(issuer.state).toBe("starting");
    twilio.fail();
    expect(issuer.state).toBe("stun-only");
    twilio.serve(iceSet(), 540_000);
    expect(issuer.state).toBe("fresh");
  });

  test("news of one that does not serve are no news", () => {
    const { own, twilio, told, issuer } = pair();
    own.serve(iceSet(), 540_000);
    const before = issuer.grant(iceAsker(1), "auto", "request").generation;
    const heard = told.length;
    twilio.serve(iceSet(), 540_000);
    twilio.fail();
    expect(told).toHaveLength(heard);
    expect(issuer.grant(iceAsker(1), "auto", "request").generation).toBe(before);
  });

  test("are asked though they have nothing, so that they look again, until one has something", () => {
    const { own, twilio, grant } = pair();
    const asked: string[] = [];
    for (const source of [own, twilio]) {
      const setFor = source.setFor.bind(source);
      source.setFor = () => {
        asked.push(source.id);
        return setFor();
      };
    }
    grant();
    expect(asked).toEqual(["own", "twilio"]);
    own.serve(iceSet(), 540_000);
    grant();
    expect(asked).toEqual(["own", "twilio", "own"]);
  });

  test("one whose end came before anybody said so is passed over at once", () => {
    const { own, twilio, issuer, clock, grant } = pair();
    own.serve(iceSet({ username: "own" }), 10_000);
    twilio.serve(iceSet({ username: "twilio" }), 540_000);
    const before = issuer.grant(iceAsker(1), "auto", "request").generation;
    clock.pass(10);
    expect(grant().iceServers[0]?.username).toBe("twilio");
    expect(issuer.grant(iceAsker(1), "auto", "request").generation).toBeGreaterThan(before);
  });
});

describe("a reload", () => {
  test("that swaps secrets pushes nothing; one that drops the secret of live grants withdraws them", () => {
    const clock = new HandClock();
    const source = new SecretSource("own", signing(), clock);
    const { issuer, told } = stand(() => [source], { clock });
    const old = issuer.grant(iceAsker(1), "auto", "greeting").generation;
    source.replace(signing({ secrets: [secretB, secretA] }));
    const young = issuer.grant(iceAsker(2), "auto", "greeting").generation;
    expect(told).toEqual([{ generation: young, state: "fresh" }]);
    source.replace(signing({ secrets: [secretB] }));
    // Whoever got a grant of the new secret keeps it.
    expect(told.at(-1)).toEqual({ generation: young + 1, state: "fresh", withdrawn: old });
    expect(old).toBeLessThan(young);
  });

  test("that withdraws while another source serves names what the withdrawn one granted, and tells of a newer one", () => {
    const clock = new HandClock();
    const [first, own] = [new ScriptedSource("svc", clock), new SecretSource("own", signing(), clock)];
    const { issuer, told } = stand(() => [first, own], { clock });
    const low = issuer.grant(iceAsker(1), "auto", "greeting").generation;
    first.serve(iceSet(), 540_000);
    const high = issuer.grant(iceAsker(2), "auto", "greeting").generation;
    own.replace(signing({ secrets: [secretB] }));
    expect(told.at(-1)).toEqual({ generation: high, state: "fresh", withdrawn: low });
    expect(low).toBeLessThan(high);
  });

  test("that takes out the source which signed withdraws what it signed; one that takes out a service does not", () => {
    const clock = new HandClock();
    const own = new SecretSource("own", signing(), clock);
    const service = new ScriptedSource("svc", clock);
    service.serve(iceSet(), 540_000);
    const { issuer, told } = stand(() => [own, service], { clock });
    const signed = issuer.grant(iceAsker(1), "auto", "greeting").generation;
    issuer.reload({ sources: [service] });
    expect(told.at(-1)).toMatchObject({ state: "fresh", withdrawn: signed });
    issuer.reload({ sources: [] });
    expect(told.at(-1)?.state).toBe("off");
    expect(told.at(-1)?.withdrawn).toBeUndefined();
    const heard = told.length;
    own.replace(signing({ secrets: [secretB] }));
    service.fail();
    expect(told).toHaveLength(heard);
  });

  test("that brings the first provider reaches whoever was told that nothing ends", () => {
    const { issuer, told, clock, grant } = stand(() => []);
    const before = issuer.grant(iceAsker(1), "auto", "greeting").generation;
    issuer.reload({ sources: [new SecretSource("own", signing(), clock)] });
    expect(told).toEqual([{ generation: expect.any(Number), state: "fresh", withdrawn: before }]);
    expect(told[0]?.generation).toBeGreaterThan(before);
    expect(grant().degraded).toBe(false);
  });

  test("that changes how many URLs there may be is news, and counts from the next grant on", () => {
    const { issuer, told, grant } = stand((clock) => [new SecretSource("own", signing(), clock)]);
    const before = issuer.grant(iceAsker(1), "auto", "greeting").generation;
    expect(grant().iceServers.flatMap(({ urls }) => urls)).toHaveLength(4);
    issuer.reload({ settings: issuerSettings({ maxUrls: 2 }) });
    expect(grant().iceServers.flatMap(({ urls }) => urls)).toHaveLength(2);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ state: "fresh" });
    expect(told[0]?.generation).toBeGreaterThan(before);
    expect(told[0]?.withdrawn).toBeUndefined();
  });

  test("that changes nothing is no news", () => {
    const clock = new HandClock();
    const source = new SecretSource("own", signing(), clock);
    const { issuer, told } = stand(() => [source], { clock });
    issuer.reload({ sources: [source], settings: issuerSettings() });
    issuer.reload({});
    expect(told).toEqual([]);
    issuer.reload({ settings: issuerSettings({ blocked: new Set(["mallory"]) }) });
    expect(told).toHaveLength(1);
  });

  test("leaves no listener with a source that is gone, and one with each that stays", () => {
    const clock = new HandClock();
    const counted = (id: string) => {
      const source = new ScriptedSource(id, clock);
      const onChange = source.onChange.bind(source);
      const listeners = { source, count: 0 };
      source.onChange = (listener) => {
        listeners.count += 1;
        const stop = onChange(listener);
        return () => {
          listeners.count -= 1;
          stop();
        };
      };
      return listeners;
    };
    const [stays, goes] = [counted("stays"), counted("goes")];
    const { issuer } = stand(() => [stays.source, goes.source], { clock });
    issuer.reload({ sources: [stays.source] });
    expect([stays.count, goes.count]).toEqual([1, 0]);
    issuer.close();
    expect([stays.count, goes.count]).toEqual([0, 0]);
  });

  test("after the end nothing is heard any more", () => {
    const { issuer, source, told } = scripted();
    issuer.close();
    source.serve(iceSet(), 540_000);
    expect(told).toEqual([]);
  });
});
