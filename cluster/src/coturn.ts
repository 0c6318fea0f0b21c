// One real coturn in a throwaway folder: started with a configuration of its own, and again with other secrets.
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Child, ChildOptions } from "./child.ts";
import { lowPorts } from "./low-ports.ts";
import { holdsPort } from "./port-owner.ts";
import { programs } from "./programs.ts";
import { makeCertificate } from "./redis-server.ts";
import { ServerProcess, waitOn } from "./server-process.ts";
import { stunAnswers } from "./stun-answer.ts";

const run = promisify(execFile);

/** What a configuration has to name. */
export interface CoturnPlace {
  /** UDP and TCP. */
  readonly port: number;
  readonly tlsPort: number;
  readonly minPort: number;
  readonly maxPort: number;
  /** Its own and writable. */
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CoturnOptions {
  /** Any of them is accepted. */
  readonly secrets?: readonly string[];
  readonly realm?: string;
  readonly userQuota?: number;
  /** Peers on the loopback are relayed to; yes when nothing is said. */
  readonly loopbackPeers?: boolean;
  /** Further lines of its configuration. */
  readonly settings?: readonly string[];
  /** The whole configuration in place of all of the above. */
  readonly configuration?: (place: CoturnPlace, secrets: readonly string[]) => string;
  /** Where it must answer before it counts as ready; UDP, TCP and TLS when nothing is said. */
  readonly listens?: readonly ("udp" | "tcp" | "tls")[];
  /** False: it answers no binding request, and counts as ready once its ports are its own. */
  readonly stun?: boolean;
}

/** It can be used once it answers everywhere. */
export class Coturn extends ServerProcess {
  readonly host = "127.0.0.1";
  readonly place: CoturnPlace;
  readonly #options: CoturnOptions;
  #secrets: readonly string[];

  /** Use `start`. */
  constructor(place: CoturnPlace, options: CoturnOptions) {
    super(place.folder);
    this.place = place;
    this.#options = options;
    this.#secrets = options.secrets ?? [];
  }

  static async start(options: CoturnOptions = {}): Promise<Coturn> {
    // Somebody else may take a port between the asking and the starting.
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0, tlsPort = 0] = await lowPorts(2);
      const folder = await mkdtemp(join(tmpdir(), "heliograph-coturn-"));
      const minPort = randomInt(20_000, 32_000);
      const files = await makeCertificate(folder);
      const coturn = new Coturn({ port, tlsPort, minPort, maxPort: minPort + 199, folder, ...files }, options);
      try {
        await coturn.start();
        return coturn;
      } catch (error) {
        await coturn.stop();
        if (attempt === 3) throw error;
      }
    }
  }

  get port(): number {
    return this.place.port;
  }

  get tlsPort(): number {
    return this.place.tlsPort;
  }

  /** PEM: what a client has to trust. */
  get certificate(): string {
    return readFileSync(this.place.certFile, "utf8");
  }

  protected async launch(): Promise<ChildOptions> {
    const file = join(this.place.folder, "turnserver.conf");
    await writeFile(file, (this.#options.configuration ?? this.#plainConfiguration)(this.place, this.#secrets));
    // With a file of its own the packaged one is not read: that sends the log to syslog.
    return { program: programs.turnserver, args: ["-c", file], folder: this.folder, keep: 1 << 22 };
  }

  protected async ready(child: Child): Promise<void> {
    const { listens = ["udp", "tcp", "tls"] } = this.#options;
    // A port that somebody else holds ends nothing: coturn tries again for ever, and has written its pid file by then.
    for (const transport of listens) {
      await waitOn(child, `coturn answering over ${transport}`, () => this.#answers(child, transport), 10_000);
    }
  }

  /** Ends it and starts it with other secrets: this is how coturn without a database takes them. */
  async restart(secrets: readonly string[] = this.#secrets): Promise<void> {
    await this.terminate();
    this.#secrets = secrets;
    await this.start();
  }

  /** `turnadmin` on its database, for its realm: the secrets there count from the very next login. */
  async admin(...words: readonly string[]): Promise<void> {
    const { realm = "turn.test" } = this.#options;
    await run(programs.turnadmin, [...words, "--realm", realm, "--userdb", join(this.place.folder, "turndb")]);
  }

  async #answers(child: Child, transport: "udp" | "tcp" | "tls"): Promise<boolean> {
    const port = transport === "tls" ? this.tlsPort : this.port;
    if (!holdsPort(child.pid, transport === "udp" ? "udp" : "tcp", port)) return false;
    return this.#options.stun === false || (await stunAnswers(transport, port));
  }

  readonly #plainConfiguration = (place: CoturnPlace, secrets: readonly string[]): string => {
    const { realm = "turn.test", userQuota, loopbackPeers = true, settings = [] } = this.#options;
    const { folder, certFile, keyFile, port, tlsPort, minPort, maxPort } = place;
    const lines = [
      `listening-ip=${this.host}`,
      `relay-ip=${this.host}`,
      `listening-port=${port}`,
      `tls-listening-port=${tlsPort}`,
      `min-port=${minPort}`,
      `max-port=${maxPort}`,
      `cert=${certFile}`,
      `pkey=${keyFile}`,
      `realm=${realm}`,
      "fingerprint",
      "use-auth-secret",
      ...secrets.map((secret) => `static-auth-secret=${secret}`),
      ...(userQuota === undefined ? [] : [`user-quota=${userQuota}`]),
      // Refused together with the command line interface that is on by default.
      ...(loopbackPeers ? ["allow-loopback-peers"] : []),
      "no-cli",
      "no-dtls",
      "no-multicast-peers",
      "relay-threads=1",
      `userdb=${join(folder, "turndb")}`,
      `pidfile=${join(folder, "pid")}`,
      "log-file=stdout",
      "simple-log",
      "verbose",
      ...settings,
    ];
    return `${lines.join("\n")}\n`;
  };
}
