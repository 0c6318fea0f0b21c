// An edge as a process of its own, on a port that it keeps over all its lives.
import { HeliographProcess } from "./heliograph-process.ts";

export interface EdgeProcessOptions {
  readonly name: string;
  readonly port: number;
  /** Everything but where it listens. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly entry?: string;
  /** `standalone` needs neither NATS nor Redis, and shares nothing with others. */
  readonly command?: "edge" | "standalone";
  /** Processes on this one port. */
  readonly workers?: number;
}

/** Several share this machine, and none of them needs a public server. An older build would not know what this is. */
const local = { internal: { listen: { port: 0 } }, turn: { stun: [] } };

export class EdgeProcess extends HeliographProcess {
  constructor({ name, port, settings, entry, command = "edge", workers }: EdgeProcessOptions) {
    super({
      name,
      kind: "edge",
      command: [command, ...(workers === undefined ? [] : ["--workers", String(workers)])],
      settings: { ...(entry === undefined ? local : {}), ...settings, listen: { host: "127.0.0.1", port } },
      healthPort: port,
      ...(entry === undefined ? {} : { entry }),
    });
  }

  /** Its id in its present life, as its clients are told it; empty when it has none yet. */
  get node(): string {
    // Other lines name other nodes.
    const ready = this.log.match(/^.*Heliograph is ready.*$/gm)?.at(-1) ?? "";
    return /"node":"([^"]+)"/.exec(ready)?.[1] ?? "";
  }

  /** Where its clients connect when they pass by the balancer. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/socket`;
  }
}
