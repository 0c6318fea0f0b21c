// Clients of a real coturn over every transport, closed all together, and the logins that our provider signs for it.

import { execFile } from "node:child_process";
import type { Coturn } from "@heliograph/cluster";
import { programs } from "@heliograph/cluster";
import type { Allocation, AllocationWish, Login, Told, TurnTarget, TurnZone } from "@heliograph/turn";
import { openWire, SecretSource, TurnClient } from "@heliograph/turn";

export const transports = ["udp", "tcp", "tls"] as const;

/** Two of them, as long as the configuration wants them. */
export const labSecrets = ["lab-secret-A-0123456789abcdefghij", "lab-secret-B-0123456789abcdefghij"] as const;

const zone: TurnZone = { id: "lab", priority: 10, urls: ["turn:127.0.0.1:3478?transport=udp"] };

/** `life`: whole seconds from now until its last one; `tag`: whose it is. */
export function loginOf({ secret = labSecrets[0], tag = "tag-1", life = 600 }: Partial<Wanted> = {}): Login {
  const settings = {
    secrets: [{ reveal: () => secret }],
    tagKey: { reveal: () => new Uint8Array(32) },
    ttl: 0,
    zones: [zone],
  };
  const source = new SecretSource("own", settings, { now: () => Date.now() + life * 1_000 });
  const login = source.loginTagged(tag);
  if (login === undefined) throw new Error("a provider with a secret and a zone has a login");
  return login;
}

interface Wanted {
  readonly secret: string;
  readonly tag: string;
  readonly life: number;
}

/** `code`: what the server refused with; 0 where it did not answer at all. */
export function codeIn(answer: Told<unknown>): number | undefined {
  if (answer.ok) return undefined;
  return answer.failure.is === "answered" ? answer.failure.code : 0;
}

export class RelayClients {
  readonly #open = new Set<TurnClient>();

  async connect(coturn: Coturn, transport: TurnTarget["transport"] = "udp"): Promise<TurnClient> {
    const port = transport === "tls" ? coturn.tlsPort : coturn.port;
    const opened = await openWire({ host: coturn.host, port, transport }, { ca: coturn.certificate });
    if (!opened.ok) throw new Error(`no wire over ${transport}: ${JSON.stringify(opened.failure)}`);
    const client = new TurnClient(opened.value.wire);
    this.#open.add(client);
    return client;
  }

  /** A client of its own for one allocation. */
  async allocate(
    coturn: Coturn,
    login: Login,
    { transport, ...wish }: AllocationWish & { readonly transport?: TurnTarget["transport"] } = {},
  ): Promise<Told<Allocation> & { readonly client: TurnClient }> {
    const client = await this.connect(coturn, transport);
    return { ...(await client.allocate(login, wish)), client };
  }

  /** The code of a new allocation, which is deleted again where there was none. */
  async tryOut(coturn: Coturn, login: Login): Promise<number | undefined> {
    const { client, ...answer } = await this.allocate(coturn, login);
    if (answer.ok) await client.refresh(0);
    this.#close(client);
    return codeIn(answer);
  }

  closeAll(): void {
    for (const client of [...this.#open]) this.#close(client);
  }

  #close(client: TurnClient): void {
    client.close();
    this.#open.delete(client);
  }
}

/** What coturn's own client ends with: it exits with 0 when every packet was lost, so its words count too. */
export function uclient(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(programs.turnUclient, args, { timeout: 25_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}
