// nats-servers with JetStream, one alone or three as a cluster, each with its storage in a throwaway folder.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child, ChildOptions } from "./child.ts";
import { freePorts } from "./free-ports.ts";
import { programs } from "./programs.ts";
import { EndedEarly, ServerProcess, waitOn } from "./server-process.ts";
import { waitFor } from "./wait.ts";

export interface NatsServersOptions {
  readonly count: 1 | 3;
  /** Bytes of the largest message; the servers' own default is 1 MiB. */
  readonly maxPayload?: number;
  /** Text of an `authorization { … }` block, or of anything else that stands at the top of a configuration file. */
  readonly config?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile?: string };
  /** Without JetStream there are no streams: for tests of refusals. */
  readonly jetStream?: false;
  readonly program?: string;
}

interface Place {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly monitorPort: number;
  readonly routePort: number;
}

/** It can be used once it answers; whether its streams can is `healthy`'s to say. SIGTERM: it hands its leaderships over first. */
export class NatsServer extends ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly monitorPort: number;
  readonly url: string;
  readonly #program: string;

  constructor(place: Place, program: string, scheme: "nats" | "tls") {
    super(place.folder);
    this.name = place.name;
    this.port = place.port;
    this.monitorPort = place.monitorPort;
    this.url = `${scheme}://127.0.0.1:${place.port}`;
    this.#program = program;
  }

  /** Removes everything it has stored. Only while it does not run. */
  async wipe(): Promise<void> {
    if (this.running) throw new Error(`${this.name} still runs`);
    await rm(join(this.folder, "store"), { recursive: true, force: true });
  }

  /** Resolves once it says that its streams are there and current. */
  async healthy(): Promise<void> {
    await waitFor(`${this.name} to be healthy`, async () => {
      const health = await this.monitor("/healthz");
      return isRecord(health) && health["status"] === "ok";
    });
  }

  protected launch(): ChildOptions {
    return { program: this.#program, args: ["-c", join(this.folder, "nats.conf")] };
  }

  protected ready(child: Child): Promise<void> {
    return waitOn(child, `${this.name} answering`, async () => (await this.monitor("/varz")) !== undefined);
  }

  /** The answer of a monitoring page; undefined when there is none. */
  async monitor(path: string): Promise<unknown> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.monitorPort}${path}`, {
        signal: AbortSignal.timeout(2000),
      });
      return await response.json();
    } catch {
      return undefined;
    }
  }
}

export class NatsServers {
  readonly servers: readonly NatsServer[];
  readonly #folder: string;

  private constructor(servers: readonly NatsServer[], folder: string) {
    this.servers = servers;
    this.#folder = folder;
  }

  /** Resolves when all of them are healthy. */
  static async start(options: NatsServersOptions): Promise<NatsServers> {
    for (let attempt = 1; ; attempt += 1) {
      const servers = await NatsServers.#prepare(options);
      try {
        await Promise.all(servers.servers.map((server) => server.start()));
        await servers.healthy();
        return servers;
      } catch (error) {
        await servers.stop();
        // Somebody else may have taken a port between the asking and the listening.
        if (!(error instanceof EndedEarly) || attempt === 3) throw error;
      }
    }
  }

  static async #prepare(options: NatsServersOptions): Promise<NatsServers> {
    const folder = await mkdtemp(join(tmpdir(), "heliograph-nats-"));
    const ports = await freePorts(options.count * 3);
    const places: Place[] = [];
    for (let i = 0; i < options.count; i += 1) {
      const [port = 0, monitorPort = 0, routePort = 0] = ports.slice(3 * i, 3 * i + 3);
      places.push({ name: `nats-${i}`, folder: join(folder, `nats-${i}`), port, monitorPort, routePort });
    }
    for (const place of places) {
      await mkdir(place.folder);
      await writeFile(join(place.folder, "nats.conf"), configuration(place, places, options));
    }
    const scheme = options.tls === undefined ? "nats" : "tls";
    const program = options.program ?? programs.nats;
    return new NatsServers(
      places.map((place) => new NatsServer(place, program, scheme)),
      folder,
    );
  }

  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url);
  }

  server(i: number): NatsServer {
    const server = this.servers[i];
    if (server === undefined) throw new Error(`there is no server ${i}`);
    return server;
  }

  /** Resolves once every server that runs says that its streams are there and current. */
  async healthy(): Promise<void> {
    await Promise.all(this.servers.filter(({ running }) => running).map((server) => server.healthy()));
  }

  /** The server that leads the stream now; waits through an election. */
  async leaderOf(stream: string): Promise<number> {
    let found = -1;
    await waitFor(`a leader of ${stream}`, async () => {
      for (const server of this.servers) {
        if (!server.running) continue;
        const leader = leaderIn(await server.monitor("/jsz?streams=true"), stream);
        if (leader === undefined) continue;
        found = leader === "" ? this.servers.indexOf(server) : this.servers.findIndex(({ name }) => name === leader);
        if (this.servers[found]?.running === true) return true;
      }
      return false;
    });
    return found;
  }

  /** Kills all, removes all that was stored, and starts all again. */
  async loseStorage(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await Promise.all(this.servers.map((server) => server.wipe()));
    await Promise.all(this.servers.map((server) => server.start()));
    await this.healthy();
  }

  /** Ends them all and removes their folders. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configuration(place: Place, places: readonly Place[], options: NatsServersOptions): string {
  const { tls } = options;
  const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const others = places.filter((other) => other !== place).map(({ routePort }) => `nats://127.0.0.1:${routePort}`);
  return [
    `server_name: ${place.name}`,
    `listen: 127.0.0.1:${place.port}`,
    `http: 127.0.0.1:${place.monitorPort}`,
    ...(options.maxPayload === undefined ? [] : [`max_payload: ${options.maxPayload}`]),
    ...(options.jetStream === false
      ? []
      : [`jetstream { store_dir: ${quoted(join(place.folder, "store"))}, max_file: 4G, max_mem: 256M }`]),
    ...(tls === undefined
      ? []
      : [
          `tls { cert_file: ${quoted(tls.certFile)}, key_file: ${quoted(tls.keyFile)}${
            tls.caFile === undefined ? "" : `, ca_file: ${quoted(tls.caFile)}, verify: true`
          } }`,
        ]),
    ...(places.length === 1
      ? []
      : // Clients are told of no other addresses: a gate in front of a server stays the only way to it.
        [
          `cluster { name: heliograph, listen: 127.0.0.1:${place.routePort}, no_advertise: true, routes: [${others.map(quoted).join(", ")}] }`,
        ]),
    options.config ?? "",
    "",
  ].join("\n");
}

/** The name of the stream's leader; empty where a server stands alone, undefined where nothing is known. */
function leaderIn(page: unknown, stream: string): string | undefined {
  for (const account of listOf(page, "account_details")) {
    for (const detail of listOf(account, "stream_detail")) {
      if (!isRecord(detail) || detail["name"] !== stream) continue;
      const { cluster } = detail;
      if (!isRecord(cluster)) return "";
      const { leader } = cluster;
      if (typeof leader === "string" && leader !== "") return leader;
    }
  }
  return undefined;
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
