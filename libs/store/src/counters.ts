// Counts that the whole cluster shares, each a key that expires.
import type { Counters } from "@heliograph/core";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import { answersOf, countOf, lifeOf } from "./values.ts";

type Count = { readonly count: number; readonly resetIn: number };

export class RedisCounters implements Counters {
  readonly #link: Link;
  readonly #add = new Script("counter-add");
  readonly #peek = new Script("counter-peek");

  constructor(link: Link) {
    this.#link = link;
  }

  add(key: string, windowMs: number): Promise<Count> {
    return this.#link.ask("add to a counter", async (client) =>
      countIn(await this.#add.run(client, [keys.counter(key)], [lifeOf(windowMs)])),
    );
  }

  peek(key: string): Promise<Count> {
    return this.#link.ask("look at a counter", async (client) =>
      countIn(await this.#peek.run(client, [keys.counter(key)], [])),
    );
  }

  clear(key: string): Promise<void> {
    return this.#link.ask("clear a counter", async (client) => {
      await client.call("UNLINK", [keys.counter(key)]);
    });
  }
}

function countIn(answer: unknown): Count {
  const [count, resetIn] = answersOf(answer);
  return { count: countOf(count), resetIn: Math.max(0, countOf(resetIn)) };
}
