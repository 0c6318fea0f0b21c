// The conformance kit against edges of this process whose grace and window are short enough to wait for.
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { runConformance } from "@heliograph/conformance";
import type { NodeSettings } from "@heliograph/core";
import { defaultSettings, newNodeId, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, MemoryTurnIssuer } from "@heliograph/core/memory";
import type { Edge } from "@heliograph/edge";
import { edgeOptionsOf, startEdge } from "@heliograph/edge";
import { SystemClock, systemRandom } from "@heliograph/system";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configured } from "../kit/server.ts";

/** Below what the configuration allows: a deployment would lose people who ride through a tunnel. */
const settings: NodeSettings = {
  ...defaultSettings,
  limits: { ...defaultSettings.limits, grace: 4_000, window: 3_000 },
  logLife: 7_500,
};

export class ShortLived {
  readonly faults: unknown[] = [];
  readonly #clock = new SystemClock((error) => this.faults.push(error));
  readonly #tokens = new Tokens(new Signer([{ id: "k", secret: systemRandom.bytes(32) }]), settings.tokenLife);
  readonly #cluster = new MemoryCluster({
    clock: this.#clock,
    random: systemRandom,
    retention: { maxAge: settings.logLife, maxBytes: 256 << 20 },
  });
  readonly #edges: Edge[] = [];

  async start(): Promise<Edge> {
    const id = newNodeId(systemRandom);
    const edge = await startEdge(
      edgeOptionsOf(configured({}), undefined),
      {
        ...this.#cluster.node(id),
        id,
        settings,
        rules: { version: 1, logLife: settings.logLife },
        tokens: this.#tokens,
        turn: new MemoryTurnIssuer(this.#clock),
        clock: this.#clock,
        random: systemRandom,
        observer: {
          observe: (happening) => {
            if (happening.type === "fault") this.faults.push(happening.error);
          },
        },
      },
      // Which of the two it is, the test says.
      () => undefined,
    );
    this.#edges.push(edge);
    return edge;
  }

  async end(): Promise<void> {
    for (const edge of this.#edges.splice(0)) await edge.stop();
  }
}

/** A balancer without stickiness: each connection goes to the next edge. */
class Balancer {
  readonly #server = createServer((from) => this.#forward(from));
  readonly #ports: readonly number[];
  readonly #sockets = new Set<Socket>();
  #next = 0;

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  async start(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #forward(from: Socket): void {
    const port = this.#ports[this.#next % this.#ports.length] ?? 0;
    this.#next += 1;
    const to = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on("data", (data) => other.write(data));
      one.on("end", () => other.end());
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

export function conforming(kind: "uws" | "ws"): void {
  describe(`on ${kind}`, () => {
    let edges: ShortLived;

    beforeEach(() => {
      edges = new ShortLived();
    });

    afterEach(async () => {
      await edges.end();
      expect(edges.faults).toStrictEqual([]);
    });

    test("one edge passes every case, those that wait included", { timeout: 180_000 }, async () => {
      const edge = await edges.start();
      expect(edge.kind).toBe(kind);
      await expectAllPassed(edge.port);
    });

    test("two edges behind a balancer without stickiness do too", { timeout: 180_000 }, async () => {
      const ports = [(await edges.start()).port, (await edges.start()).port];
      const balancer = new Balancer(ports);
      try {
        await expectAllPassed(await balancer.start());
      } finally {
        await balancer.end();
      }
    });
  });
}

async function expectAllPassed(port: number): Promise<void> {
  const lines: string[] = [];
  const tally = await runConformance(`ws://127.0.0.1:${port}/v1/socket`, (line) => lines.push(line));
  const bad = lines.filter((line, at) => !line.startsWith("passed") && at > 1);
  expect({ bad, failed: tally.failed, skipped: tally.skipped }).toStrictEqual({ bad: [], failed: 0, skipped: 0 });
  expect(tally.passed).toBeGreaterThan(200);
}
