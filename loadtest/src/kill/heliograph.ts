// Two edges over NATS and Redis, and SDK clients that know the addresses of both.
import { Heliograph } from "@heliograph/client";
import WebSocket from "ws";
import type { Ground } from "../ground.ts";
import type { Stage, Talker } from "./talker.ts";

export class HeliographStage implements Stage {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async enter(name: string, room: string, server: number, hear: (text: string) => void): Promise<Talker> {
    const urls = this.#ground.edges.map(({ url }) => url);
    const client = new Heliograph({
      url: [...urls.slice(server), ...urls.slice(0, server)],
      webSocket: WebSocket,
      storage: undefined,
    });
    await client.connect();
    const joined = await client.join(room, { profile: { name } });
    const returns: ("recovered" | "lost")[] = [];
    joined.on("broadcast", ({ body }) => hear(String(body)));
    joined.on("signal", ({ body }) => {
      if (body.kind === "custom") hear(String(body.value));
    });
    joined.on("resumed", ({ verdict }) => returns.push(verdict === "complete" ? "recovered" : "lost"));
    joined.on("left", () => returns.push("lost"));
    return {
      name,
      room,
      server,
      returns,
      say: async (text, to) => {
        const addressee = [...joined.members.values()].find(({ profile }) => profile.name === to)?.id;
        const said =
          to === undefined ? joined.broadcast(text) : joined.signal(addressee ?? "", { kind: "custom", value: text });
        return said.then(
          () => true,
          () => false,
        );
      },
      close: () => client.close(),
    };
  }

  async kill(server: number): Promise<void> {
    await this.#ground.edges[server]?.kill();
  }

  end(): Promise<void> {
    return this.#ground.end();
  }
}
