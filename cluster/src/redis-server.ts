// One real Redis or Valkey server in a throwaway folder: killed, paused, woken and started again on the same port.
import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generate } from "selfsigned";
import type { Child, ChildOptions } from "./child.ts";
import { freePorts } from "./free-ports.ts";
import { programs } from "./programs.ts";
import { ServerProcess } from "./server-process.ts";
import { waitThrough } from "./wait.ts";

const run = promisify(execFile);

/** How to reach Redis, in the shape that a store takes. */
export interface RedisAddress {
  mode: "single" | "sentinel" | "cluster";
  nodes: { host: string; port: number }[];
  sentinelName?: string;
  sentinelUsername?: string;
  sentinelPassword?: string;
  username?: string;
  password?: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
}

/** Who a client is, where it is not the default user. */
export interface RedisUser {
  readonly username: string;
  readonly password: string;
}

export interface RedisServerOptions {
  /** Debian's Redis when nothing is said. */
  readonly program?: "redis" | "valkey";
  /** Of the default user; without it the server asks nobody who they are. */
  readonly password?: string;
  /** Lines of an ACL file, each `user <name> …`. The default user stays as the password says. */
  readonly acl?: readonly string[];
  /** Speaks TLS only, with a certificate of its own making; clients trust it by its file. */
  readonly tls?: boolean;
  /** Where several servers have to trust each other: theirs instead of its own. */
  readonly certificate?: RedisCertificate;
  /** Keeps what it was told through a restart. */
  readonly durable?: boolean;
  /** Further settings of its configuration file, a line each. */
  readonly settings?: readonly string[];
  /** By itself when nothing is said. */
  readonly as?: "server" | "sentinel" | "cluster member";
}

export interface RedisCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** SIGTERM lets it write what it has to before it goes. */
export class RedisServer extends ServerProcess {
  readonly host = "127.0.0.1";
  readonly port: number;
  /** Where a member of a cluster listens for the others. */
  readonly busPort: number;
  readonly #options: RedisServerOptions;
  readonly #certificate: RedisCertificate | undefined;
  readonly #sentinel: boolean;

  /** Use `start`. */
  constructor(
    ports: readonly [port: number, busPort: number],
    folder: string,
    options: RedisServerOptions,
    certificate: RedisCertificate | undefined,
  ) {
    super(folder);
    [this.port, this.busPort] = ports;
    this.#options = options;
    this.#certificate = certificate;
    this.#sentinel = options.as === "sentinel";
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    // Somebody else may take a port between the asking and the starting.
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0, busPort = 0] = await freePorts(2);
      const folder = await mkdtemp(join(tmpdir(), "heliograph-redis-"));
      const certificate = options.tls === true ? (options.certificate ?? (await makeCertificate(folder))) : undefined;
      const server = new RedisServer([port, busPort], folder, options, certificate);
      await writeFile(server.#configuration, server.#settings());
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop();
        if (attempt === 3) throw error;
      }
    }
  }

  /** As a store's options, for the default user or another one. */
  address(user?: RedisUser): RedisAddress {
    const { password } = this.#options;
    return {
      mode: "single",
      nodes: [{ host: this.host, port: this.port }],
      ...(user ?? (password === undefined ? {} : { password })),
      ...(this.#certificate === undefined ? {} : { tls: { caFile: this.#certificate.certFile } }),
    };
  }

  /** Asks as the default user. Resolves with the answer as text, lists line by line; rejects with an error's text. */
  async command(...words: readonly string[]): Promise<string> {
    const { password } = this.#options;
    const who = password === undefined ? [] : ["--no-auth-warning", "-a", password];
    const how = this.#certificate === undefined ? [] : ["--tls", "--cacert", this.#certificate.certFile];
    const { stdout } = await run(
      programs.redisCli,
      ["-e", "-h", this.host, "-p", `${this.port}`, ...who, ...how, ...words],
      { timeout: 5_000, maxBuffer: 1 << 26 },
    );
    return stdout.trimEnd();
  }

  protected launch(): ChildOptions {
    const program = this.#options.program === "valkey" ? programs.valkey : programs.redis;
    const args = [this.#configuration, ...(this.#sentinel ? ["--sentinel"] : [])];
    return { program, args, folder: this.folder };
  }

  protected async ready(child: Child): Promise<void> {
    await child.said(this.#sentinel ? /Sentinel ID is/ : /Ready to accept connections/);
    await waitThrough("it answers", async () => (await this.command("PING")) === "PONG");
  }

  get #configuration(): string {
    return join(this.folder, "server.conf");
  }

  #settings(): string {
    const { password, acl = [], durable = false, settings = [] } = this.#options;
    const certificate = this.#certificate;
    const lines = ["bind 127.0.0.1", `dir ${this.folder}`, ...settings];
    if (this.#options.as === "cluster member") lines.push("cluster-enabled yes", `cluster-port ${this.busPort}`);
    if (certificate === undefined) lines.push(`port ${this.port}`);
    else {
      lines.push("port 0", `tls-port ${this.port}`, "tls-auth-clients no", "tls-replication yes", "tls-cluster yes");
      lines.push(`tls-cert-file ${certificate.certFile}`, `tls-key-file ${certificate.keyFile}`);
      lines.push(`tls-ca-cert-file ${certificate.certFile}`);
    }
    if (!this.#sentinel) lines.push('save ""', `appendonly ${durable ? "yes" : "no"}`, "appendfsync everysec");
    if (password !== undefined)
      lines.push(`requirepass ${password}`, ...(this.#sentinel ? [] : [`masterauth ${password}`]));
    // Users named in the configuration file itself: a file of their own would forbid `requirepass`.
    lines.push(...acl);
    return `${lines.join("\n")}\n`;
  }
}

/** Of the loopback, signed by itself; its files stay in the folder. */
export async function makeCertificate(folder: string): Promise<RedisCertificate> {
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip: "127.0.0.1" },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  const certificate = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  await writeFile(certificate.certFile, made.cert);
  await writeFile(certificate.keyFile, made.private, { mode: 0o600 });
  return certificate;
}
