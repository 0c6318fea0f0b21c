// Rendezvous codes in Redis. Time is Redis' own, read inside each step; all codes of a realm stand in one slot.
import type { PlainObject } from "@heliograph/codec";
import type { CodeAnswer, CodeDraft, CodeMessage, CodeOffer, CodeRecord, Codes } from "@heliograph/core";
import { codeCaps, codeLife, codeRest } from "@heliograph/core";
import type { Realm } from "@heliograph/protocol";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import { answersOf, countOf, flagOf, objectOf, oneOf, optional, read, textOf, wordOf, write } from "./values.ts";

export class RedisCodes implements Codes {
  readonly #link: Link;
  readonly #offer = new Script("code-offer");
  readonly #answer = new Script("code-answer");
  readonly #find = new Script("code-find");
  readonly #answers = new Script("code-answers");
  readonly #post = new Script("code-post");
  readonly #messages = new Script("code-messages");

  constructor(link: Link) {
    this.#link = link;
  }

  offer(realm: Realm, draft: CodeDraft): Promise<CodeOffer | "taken"> {
    return this.#link.ask("open a code", async (client) => {
      const of = [keys.code(realm, draft.code), keys.codeCounts(realm)];
      const args = [write(recordOf("offer", draft)), holderWord(draft.holder), codeLife + codeRest];
      const answer = await this.#offer.run(client, of, args);
      return typeof answer === "number" ? { ...draft, kind: "offer", at: answer } : oneOf(["taken"], wordOf(answer));
    });
  }

  answer(realm: Realm, draft: CodeDraft, offer: string): Promise<CodeAnswer | "taken" | "no_offer" | "crowded"> {
    return this.#link.ask("answer a code", async (client) => {
      const of = [
        keys.code(realm, draft.code),
        keys.code(realm, offer),
        keys.answers(realm, offer),
        keys.codeCounts(realm),
      ];
      const args = [
        write(recordOf("answer", draft, offer)),
        holderWord(draft.holder),
        codeLife,
        codeRest,
        codeCaps.answers,
      ];
      const answer = await this.#answer.run(client, of, args);
      if (typeof answer === "number") return { ...draft, kind: "answer", at: answer, offer };
      return oneOf(["taken", "no_offer", "crowded"], wordOf(answer));
    });
  }

  find(realm: Realm, code: string): Promise<CodeRecord | undefined> {
    return this.#link.ask("find a code", async (client) => {
      const answer = await this.#find.run(client, [keys.code(realm, code)], [codeLife]);
      return answer === null ? undefined : readRecord(...pairOf(answer));
    });
  }

  answersTo(realm: Realm, offer: string): Promise<readonly CodeAnswer[]> {
    return this.#link.ask("list the answers to a code", async (client) => {
      const of = [keys.code(realm, offer), keys.answers(realm, offer)];
      const listed = answersOf(await this.#answers.run(client, of, [codeLife]));
      return listed.map((one) => readRecord(...pairOf(one))).filter((record) => record.kind === "answer");
    });
  }

  post(
    realm: Realm,
    code: string,
    text: string,
    holder?: string,
  ): Promise<CodeMessage | "no_code" | "not_holder" | "crowded"> {
    return this.#link.ask("leave a message under a code", async (client) => {
      const of = [keys.code(realm, code), keys.messages(realm, code)];
      const answer = await this.#post.run(client, of, [write(text), holderWord(holder), codeLife, codeCaps.messages]);
      if (!Array.isArray(answer)) return oneOf(["no_code", "not_holder", "crowded"], wordOf(answer));
      const [id, at] = answer;
      return { id: idOf(id), text, at: countOf(at) };
    });
  }

  messagesOf(realm: Realm, code: string): Promise<readonly CodeMessage[]> {
    return this.#link.ask("list the messages of a code", async (client) => {
      const listed = answersOf(await this.#messages.run(client, [keys.messages(realm, code)], [codeLife]));
      return listed.map((one) => {
        const [at, id, text] = answersOf(one);
        return { id: idOf(id), text: textOf(read(text)), at: countOf(at) };
      });
    });
  }

  counts(realm: Realm): Promise<{ readonly offers: number; readonly answers: number }> {
    return this.#link.ask("count the codes", async (client) => {
      const of = answersOf(await client.call("HMGET", [keys.codeCounts(realm), "offers", "answers"]));
      const [offers = 0, answers = 0] = of.map((count) => (count === null ? 0 : Number(wordOf(count))));
      return { offers, answers };
    });
  }
}

function recordOf(kind: CodeRecord["kind"], { code, name, polite, holder }: CodeDraft, offer?: string): PlainObject {
  return {
    kind,
    code,
    name,
    polite,
    ...(holder === undefined ? {} : { holder }),
    ...(offer === undefined ? {} : { offer }),
  };
}

function readRecord(at: number, bytes: unknown): CodeRecord {
  const record = objectOf(read(bytes));
  const draft = {
    code: textOf(record["code"]),
    name: textOf(record["name"]),
    polite: flagOf(record["polite"]),
    ...optional(record, "holder", textOf),
  };
  const kind = oneOf(["offer", "answer"], record["kind"]);
  return kind === "offer" ? { ...draft, kind, at } : { ...draft, kind, at, offer: textOf(record["offer"]) };
}

function pairOf(answer: unknown): [at: number, record: unknown] {
  const [at, record] = answersOf(answer);
  return [countOf(at), record];
}

/** Empty: none. Somebody may be called by an empty text too. */
function holderWord(holder: string | undefined): string {
  return holder === undefined ? "" : `=${holder}`;
}

function idOf(answer: unknown): string {
  return countOf(answer).toString(36);
}
