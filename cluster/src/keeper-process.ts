// A keeper as a process of its own: it has no clients, and answers only when asked for its health.
import { HeliographProcess } from "./heliograph-process.ts";

export interface KeeperProcessOptions {
  readonly name: string;
  /** Of its health. */
  readonly port: number;
  /** Everything but where it listens. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly entry?: string;
}

export class KeeperProcess extends HeliographProcess {
  constructor({ name, port, settings, entry }: KeeperProcessOptions) {
    super({
      name,
      kind: "keeper",
      command: ["keeper"],
      settings: { ...settings, keeper: { listen: { host: "127.0.0.1", port } } },
      healthPort: port,
      ...(entry === undefined ? {} : { entry }),
    });
  }
}
