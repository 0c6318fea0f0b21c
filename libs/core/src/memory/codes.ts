// Rendezvous codes, shared by the nodes of a cluster in memory.
import type { Realm } from "@heliograph/protocol";
import type { Clock } from "../ports/clock.ts";
import type { CodeAnswer, CodeDraft, CodeMessage, CodeOffer, CodeRecord, Codes } from "../ports/codes.ts";
import { codeCaps, codeLife, codeRest } from "../ports/codes.ts";
import { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

interface Held {
  readonly record: CodeRecord;
  readonly answers: CodeAnswer[];
  messages: CodeMessage[];
}

/** What the nodes' codes share. */
export class CodesShelf {
  readonly clock: Clock;
  /** A code stays here for its life and its rest; its record shows only for its life. */
  readonly held: Expiring<string, Held>;
  readonly counts = new Map<Realm, { offers: number; answers: number }>();
  messages = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.held = new Expiring(clock);
  }

  clear(): void {
    this.held.clear();
    this.counts.clear();
  }
}

export class MemoryCodes implements Codes {
  readonly #reach: Reach;
  readonly #shelf: CodesShelf;

  constructor(reach: Reach, shelf: CodesShelf) {
    this.#reach = reach;
    this.#shelf = shelf;
  }

  offer(realm: Realm, draft: CodeDraft): Promise<CodeOffer | "taken"> {
    return this.#reach.ask(() => {
      if (this.#isTaken(realm, draft.code)) return "taken";
      const record: CodeOffer = { ...draft, kind: "offer", at: this.#shelf.clock.now() };
      this.#open(realm, record);
      this.#countsOf(realm).offers += 1;
      return record;
    });
  }

  answer(realm: Realm, draft: CodeDraft, offer: string): Promise<CodeAnswer | "taken" | "no_offer" | "crowded"> {
    return this.#reach.ask(() => {
      if (this.#isTaken(realm, draft.code)) return "taken";
      const held = this.#alive(realm, offer);
      if (held?.record.kind !== "offer") return "no_offer";
      if (held.answers.length >= codeCaps.answers) return "crowded";
      const record: CodeAnswer = { ...draft, kind: "answer", at: this.#shelf.clock.now(), offer };
      this.#open(realm, record);
      held.answers.push(record);
      this.#countsOf(realm).answers += 1;
      return record;
    });
  }

  find(realm: Realm, code: string): Promise<CodeRecord | undefined> {
    return this.#reach.ask(() => this.#alive(realm, code)?.record);
  }

  answersTo(realm: Realm, offer: string): Promise<readonly CodeAnswer[]> {
    return this.#reach.ask(() => this.#alive(realm, offer)?.answers.filter((answer) => this.#lives(answer)) ?? []);
  }

  post(
    realm: Realm,
    code: string,
    text: string,
    holder?: string,
  ): Promise<CodeMessage | "no_code" | "not_holder" | "crowded"> {
    return this.#reach.ask(() => {
      const held = this.#alive(realm, code);
      if (held === undefined) return "no_code";
      if (held.record.holder !== undefined && held.record.holder !== holder) return "not_holder";
      held.messages = held.messages.filter((message) => this.#lives(message));
      if (held.messages.length >= codeCaps.messages) return "crowded";
      this.#shelf.messages += 1;
      const message = { id: this.#shelf.messages.toString(36), text, at: this.#shelf.clock.now() };
      held.messages.push(message);
      return message;
    });
  }

  messagesOf(realm: Realm, code: string): Promise<readonly CodeMessage[]> {
    // A code's messages may outlive its record: each has its own ten minutes.
    return this.#reach.ask(
      () => this.#shelf.held.get(keyOf(realm, code))?.messages.filter((message) => this.#lives(message)) ?? [],
    );
  }

  counts(realm: Realm): Promise<{ readonly offers: number; readonly answers: number }> {
    return this.#reach.ask(() => ({ ...this.#countsOf(realm) }));
  }

  #open(realm: Realm, record: CodeRecord): void {
    this.#shelf.held.set(keyOf(realm, record.code), { record, answers: [], messages: [] }, codeLife + codeRest);
  }

  #isTaken(realm: Realm, code: string): boolean {
    return this.#shelf.held.get(keyOf(realm, code)) !== undefined;
  }

  #alive(realm: Realm, code: string): Held | undefined {
    const held = this.#shelf.held.get(keyOf(realm, code));
    return held !== undefined && this.#lives(held.record) ? held : undefined;
  }

  #lives(thing: { readonly at: number }): boolean {
    return this.#shelf.clock.now() - thing.at <= codeLife;
  }

  #countsOf(realm: Realm): { offers: number; answers: number } {
    let counts = this.#shelf.counts.get(realm);
    if (counts === undefined) {
      counts = { offers: 0, answers: 0 };
      this.#shelf.counts.set(realm, counts);
    }
    return counts;
  }
}

function keyOf(realm: Realm, code: string): string {
  return `${realm}:${code}`;
}
