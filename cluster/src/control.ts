// The door by which another terminal reaches a running cluster: a socket in a file, a line in and a line out.
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Victims } from "./chaos.ts";
import type { Part } from "./part.ts";

const verbs = ["kill", "terminate", "pause", "wake", "start"] as const;
type Verb = (typeof verbs)[number];

/** One for each port that a cluster's balancer listens on. */
export function controlPath(port: number): string {
  return join(tmpdir(), `heliograph-cluster-${port}.sock`);
}

/** `list`, or a verb and the name of a part; the answer is `done`, a list in JSON, or `failed` and why. */
export class ControlDoor {
  readonly #server: Server;
  readonly #path: string;

  private constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
  }

  static async open(path: string, parts: readonly Part[]): Promise<ControlDoor> {
    // Left by a cluster that was killed; a living one has the port of its balancer, so it cannot be meant.
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      createInterface({ input: socket }).on("line", (line) => {
        answer(line, parts).then(
          (said) => socket.write(`${said}\n`),
          (error: unknown) => socket.write(`failed: ${error instanceof Error ? error.message : error}\n`),
        );
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    // It must not keep the process alive, nor wait for whoever is connected.
    server.unref();
    return new ControlDoor(server, path);
  }

  close(): void {
    this.#server.close();
    rmSync(this.#path, { force: true });
  }
}

async function answer(line: string, parts: readonly Part[]): Promise<string> {
  const [verb = "", name = ""] = line.trim().split(/\s+/);
  if (verb === "list") return JSON.stringify(parts.map(({ name, kind, running }) => ({ name, kind, running })));
  if (!isVerb(verb)) throw new Error(`${verb} is none of list, ${verbs.join(", ")}`);
  const part = parts.find((each) => each.name === name);
  if (part === undefined)
    throw new Error(`there is no ${name}; there are ${parts.map((each) => each.name).join(", ")}`);
  await part[verb]();
  return "done";
}

function isVerb(word: string): word is Verb {
  return (verbs as readonly string[]).includes(word);
}

/** Another process's cluster. Rejects when there is none, or when it says that it failed. */
export class RemoteCluster implements Victims {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async list(): ReturnType<Victims["list"]> {
    return JSON.parse(await this.ask("list"));
  }

  async kill(name: string): Promise<void> {
    await this.ask(`kill ${name}`);
  }

  async start(name: string): Promise<void> {
    await this.ask(`start ${name}`);
  }

  /** One line, and its answer. */
  ask(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#path);
      socket.once("error", (cause) => {
        reject(new Error("No cluster runs here. Start one in another terminal: npm run cluster", { cause }));
      });
      let said = "";
      socket.setEncoding("utf8").on("data", (text) => {
        said += text;
        if (!said.endsWith("\n")) return;
        socket.end();
        const failed = "failed: ";
        if (said.startsWith(failed)) reject(new Error(said.slice(failed.length).trimEnd()));
        else resolve(said.trimEnd());
      });
      socket.once("close", () => reject(new Error("The cluster ended before it answered.")));
      socket.write(`${line}\n`);
    });
  }
}
