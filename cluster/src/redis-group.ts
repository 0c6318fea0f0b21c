// Several Redis servers that belong together: they trust one certificate, and all of them run or none is left.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisCertificate, RedisServerOptions } from "./redis-server.ts";
import { makeCertificate, RedisServer } from "./redis-server.ts";

export class RedisGroup {
  readonly #folder: string;
  readonly #trust: { readonly certificate?: RedisCertificate };
  readonly #servers: RedisServer[] = [];

  private constructor(folder: string, trust: { readonly certificate?: RedisCertificate }) {
    this.#folder = folder;
    this.#trust = trust;
  }

  /** What `build` makes of an empty group; where it fails, what it has started ends. */
  static async of<Whole>(
    { tls }: Pick<RedisServerOptions, "tls">,
    build: (group: RedisGroup) => Promise<Whole>,
  ): Promise<Whole> {
    const folder = await mkdtemp(join(tmpdir(), "heliograph-redis-"));
    const group = new RedisGroup(folder, tls === true ? { certificate: await makeCertificate(folder) } : {});
    try {
      return await build(group);
    } catch (error) {
      await group.stop();
      throw error;
    }
  }

  /** One more. */
  async start(options: RedisServerOptions): Promise<RedisServer> {
    const server = await RedisServer.start({ ...options, ...this.#trust });
    this.#servers.push(server);
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
