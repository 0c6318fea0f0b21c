// The probe of keepers against real coturn: what it observes, and what edges make of it.
import type { CoturnOptions } from "@heliograph/cluster";
import { Coturn } from "@heliograph/cluster";
import type { Happening } from "@heliograph/core";
import { MemoryCluster, SeededRandom } from "@heliograph/core/memory";
import { parseNodeId } from "@heliograph/protocol";
import { PeriodicProbe, probeRelay, SharedZoneHealth } from "@heliograph/turn";
import { afterEach, expect, test } from "vitest";
import { SteppedClock } from "../kit/stepped-clock.ts";
import { until } from "../kit/until.ts";
import { labSecrets, loginOf } from "./relay-clients.ts";

const ends: (() => unknown)[] = [];
const deny = ["denied-peer-ip=10.0.0.0-10.255.255.255", "denied-peer-ip=169.254.0.0-169.254.255.255"];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function watch(options: CoturnOptions) {
  const coturn = await Coturn.start({ secrets: [labSecrets[0]], ...options });
  ends.push(() => coturn.stop());
  const { port, tlsPort } = coturn;
  const urls = [`turn:127.0.0.1:${port}`, `turn:127.0.0.1:${port}?transport=tcp`, `turns:127.0.0.1:${tlsPort}`];
  const clock = new SteppedClock();
  const random = new SeededRandom(3);
  const id = parseNodeId("n".repeat(22));
  if (!id.ok) throw new Error("it is well formed");
  const { iceSets: sets, nodes } = new MemoryCluster({ clock, random }).node(id.value);
  const happened: Happening[] = [];
  const probe = new PeriodicProbe({
    id: "own",
    interval: 400,
    servers: () => ({ zones: [{ id: "lab", urls }], login: loginOf({ tag: "probe" }), permissions: true }),
    sets,
    nodes,
    clock,
    random,
    observer: { observe: (what) => happened.push(what) },
    probe: (target, login, given) => probeRelay(target, login, { ...given, ca: coturn.certificate, bound: 500 }),
  });
  const health = new SharedZoneHealth({ providers: ["own"], sets, nodes, clock, random, fault: () => {} });
  ends.push(() => probe.stop());
  ends.push(() => health.close());
  health.start();
  probe.start();
  return { coturn, happened, health };
}

function found(happened: readonly Happening[], type: "ice_probed" | "ice_guarded") {
  return happened.filter((each) => each.type === type);
}

test("a round finds every transport up and every private peer refused", async () => {
  const { happened, health } = await watch({ settings: deny });
  await until("a round to be over", () => found(happened, "ice_guarded").length >= 2);
  expect(happened.slice(0, 5)).toMatchObject([
    ...["udp", "tcp", "tls"].map((transport) => ({
      type: "ice_probed",
      zone: "lab",
      transport,
      end: "up",
      ms: expect.any(Number),
    })),
    { type: "ice_guarded", zone: "lab", peer: "10.255.255.255", refused: true },
    { type: "ice_guarded", zone: "lab", peer: "169.254.169.254", refused: true },
  ]);
  expect(health.failing("own", "lab")).toBe(false);
});

test("a relay without a deny list is told as an open guard", async () => {
  const { happened } = await watch({});
  await until("a round to be over", () => found(happened, "ice_guarded").length >= 2);
  for (const guard of found(happened, "ice_guarded").slice(0, 2)) expect(guard).toMatchObject({ refused: false });
});

test("a zone whose coturn dies fails for edges after three rounds, and is back with coturn", async () => {
  const { coturn, happened, health } = await watch({ settings: deny });
  await until("a round to be over", () => found(happened, "ice_probed").length >= 3);
  await coturn.kill();
  await until("edges to avoid the zone", () => health.failing("own", "lab"));
  const ended = found(happened, "ice_probed").filter((each) => "end" in each && each.end === "unreachable");
  expect(ended.length).toBeGreaterThanOrEqual(6);
  await coturn.start();
  await until("edges to take the zone again", () => !health.failing("own", "lab"));
});
