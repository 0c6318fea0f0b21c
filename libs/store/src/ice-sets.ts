// TURN credentials of the whole cluster in Redis: a few keys for each provider, each of which expires.
import type { IceClaim, IceLook, IceSets, LinkState } from "@heliograph/core";
import { iceSetTimes } from "@heliograph/core";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import { answersOf, bytesOf, countOf, lifeOf, oneOf, wordOf } from "./values.ts";

export class RedisIceSets implements IceSets {
  readonly #link: Link;
  readonly #read = new Script("ice-read");
  readonly #claim = new Script("ice-claim");
  readonly #commit = new Script("ice-commit");
  readonly #fail = new Script("ice-fail");

  constructor(link: Link) {
    this.#link = link;
  }

  get link(): LinkState {
    return this.#link.state;
  }

  onLink(hear: (state: LinkState) => void): () => void {
    return this.#link.onLink(hear);
  }

  read(provider: string): Promise<IceLook> {
    return this.#link.ask("read a set of TURN credentials", async (client) => {
      const { set, fails } = keys.ice(provider);
      // Asked as a reader: whoever may only read is refused any other way to run a script.
      const answer = answersOf(await this.#read.look(client, [set, fails], []));
      const [failed, generation, bytes, left, life] = answer;
      if (answer.length === 1) return { fails: countOf(failed) };
      const stored = {
        generation: countOf(generation),
        bytes: bytesOf(bytes),
        left: countOf(left),
        life: countOf(life),
      };
      return { set: stored, fails: countOf(failed) };
    });
  }

  claim(provider: string, token: string): Promise<IceClaim> {
    return this.#link.ask("claim the next TURN credentials", async (client) => {
      const { set, lock, wait, fails } = keys.ice(provider);
      const answer = await this.#claim.run(client, [set, lock, wait, fails], [token, iceSetTimes.claim]);
      const [word, count] = answersOf(answer);
      const is = oneOf(["yours", "fresh", "busy", "backoff"], wordOf(word));
      switch (is) {
        case "yours":
          return { is, fails: countOf(count) };
        case "backoff":
          return { is, wait: countOf(count) };
        case "fresh":
        case "busy":
          return { is };
        default:
          return is satisfies never;
      }
    });
  }

  commit(provider: string, token: string, bytes: Uint8Array, life: number): Promise<number | undefined> {
    // Copied within the call: the caller's bytes may be a view into a buffer that is used again.
    const value = Buffer.from(bytes);
    return this.#link.ask("store TURN credentials", async (client) => {
      const { set, lock, wait, fails, generation } = keys.ice(provider);
      const args = [token, value, lifeOf(life), iceSetTimes.memory];
      const answer = await this.#commit.run(client, [set, lock, wait, fails, generation], args);
      return answer === null ? undefined : countOf(answer);
    });
  }

  fail(provider: string, token: string, ms: number): Promise<boolean> {
    return this.#link.ask("give a claim of TURN credentials up", async (client) => {
      const { lock, wait, fails } = keys.ice(provider);
      const args = [token, lifeOf(ms), iceSetTimes.memory];
      return (await this.#fail.run(client, [lock, wait, fails], args)) === 1;
    });
  }
}
