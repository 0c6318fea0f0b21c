// What every Codes promises.
import { describe, expect } from "vitest";
import type { CodeDraft, Codes } from "../src/ports/codes.ts";
import { codeCaps, codeLife, codeRest } from "../src/ports/codes.ts";
import { otherRealm, realm } from "./fixtures.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface CodesUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly codes: readonly [Codes, Codes];
}

function draft(code: string, holder?: string): CodeDraft {
  return { code, name: `name of ${code}`, polite: true, ...(holder === undefined ? {} : { holder }) };
}

export function codesContract(name: string, make: () => Promise<CodesUnderTest>): void {
  const on = casesOn(make);

  describe(`Codes: ${name}`, () => {
    on("an offer is found by its code on every node, with the store's time", async (stage) => {
      const [one, two] = stage.codes;
      const offer = await settled(stage, one.offer(realm, draft("AAAA", "secret")));
      expect(offer).toMatchObject({
        kind: "offer",
        code: "AAAA",
        name: "name of AAAA",
        polite: true,
        holder: "secret",
      });
      expect(await settled(stage, two.find(realm, "AAAA"))).toEqual(offer);
      expect(await settled(stage, two.find(realm, "BBBB"))).toBeUndefined();
      expect(await settled(stage, two.find(otherRealm, "AAAA"))).toBeUndefined();
    });

    on("offers and answers share one set of codes, and of many at once one gets it", async (stage) => {
      const [one, two] = stage.codes;
      const tries = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).offer(realm, draft("AAAA")));
      const got = (await settled(stage, Promise.all(tries))).filter((outcome) => outcome !== "taken");
      expect(got.length).toBe(1);
      expect(await settled(stage, one.answer(realm, draft("AAAA"), "AAAA"))).toBe("taken");
      await settled(stage, one.answer(realm, draft("BBBB"), "AAAA"));
      expect(await settled(stage, two.offer(realm, draft("BBBB")))).toBe("taken");
      expect(await settled(stage, two.offer(otherRealm, draft("AAAA")))).toMatchObject({ code: "AAAA" });
    });

    on("answers are listed in the order in which they came, the first one first for ever", async (stage) => {
      const [one, two] = stage.codes;
      await settled(stage, one.offer(realm, draft("AAAA")));
      for (let i = 0; i < codeCaps.answers; i += 1) {
        const answer = await settled(stage, (i % 2 === 0 ? one : two).answer(realm, draft(`BBB${i}`), "AAAA"));
        expect(answer).toMatchObject({ kind: "answer", code: `BBB${i}`, offer: "AAAA" });
        const listed = await settled(stage, two.answersTo(realm, "AAAA"));
        expect(listed.map(({ code }) => code)).toEqual(Array.from({ length: i + 1 }, (_, k) => `BBB${k}`));
      }
      expect(await settled(stage, one.answer(realm, draft("CCCC"), "AAAA"))).toBe("crowded");
      // A refused answer holds no code.
      expect(await settled(stage, one.find(realm, "CCCC"))).toBeUndefined();
      expect(await settled(stage, one.offer(realm, draft("CCCC")))).toMatchObject({ kind: "offer" });
    });

    on("an answer to what is no offer is refused and holds no code", async (stage) => {
      const [codes] = stage.codes;
      expect(await settled(stage, codes.answer(realm, draft("BBBB"), "AAAA"))).toBe("no_offer");
      await settled(stage, codes.offer(realm, draft("AAAA")));
      await settled(stage, codes.answer(realm, draft("CCCC"), "AAAA"));
      expect(await settled(stage, codes.answer(realm, draft("BBBB"), "CCCC"))).toBe("no_offer");
      expect(await settled(stage, codes.offer(realm, draft("BBBB")))).toMatchObject({ kind: "offer" });
      expect(await settled(stage, codes.answersTo(realm, "CCCC"))).toEqual([]);
      expect(await settled(stage, codes.answersTo(realm, "DDDD"))).toEqual([]);
    });

    on("messages come back as they were left, in order, each with an id of its own", async (stage) => {
      const [one, two] = stage.codes;
      await settled(stage, one.offer(realm, draft("AAAA")));
      const texts = Array.from({ length: 100 }, (_, i) => `{"n":${i},"text":"a \\"quote\\",\r\n ü 💡"}`);
      for (const [i, text] of texts.entries())
        await settled(stage, (i % 2 === 0 ? one : two).post(realm, "AAAA", text));
      const messages = await settled(stage, two.messagesOf(realm, "AAAA"));
      expect(messages.map(({ text }) => text)).toEqual(texts);
      expect(new Set(messages.map(({ id }) => id)).size).toBe(100);
      expect(await settled(stage, two.messagesOf(realm, "BBBB"))).toEqual([]);
    });

    on("a code takes messages from its holder only, from a living code only, and only so many", async (stage) => {
      const [codes] = stage.codes;
      await settled(stage, codes.offer(realm, draft("AAAA", "secret")));
      expect(await settled(stage, codes.post(realm, "AAAA", "x"))).toBe("not_holder");
      expect(await settled(stage, codes.post(realm, "AAAA", "x", "guess"))).toBe("not_holder");
      expect(await settled(stage, codes.post(realm, "BBBB", "x", "secret"))).toBe("no_code");
      for (let i = 0; i < codeCaps.messages; i += 1) {
        expect(await settled(stage, codes.post(realm, "AAAA", "x", "secret"))).toMatchObject({ text: "x" });
      }
      expect(await settled(stage, codes.post(realm, "AAAA", "x", "secret"))).toBe("crowded");
    });

    on(
      "everything lives ten minutes from its own beginning, and looking does not prolong it",
      async (stage, context) => {
        const { pass } = need(stage.passage, context);
        const [codes] = stage.codes;
        await settled(stage, codes.offer(realm, draft("AAAA")));
        await settled(stage, codes.post(realm, "AAAA", "early"));
        await pass(codeLife / 2);
        await settled(stage, codes.answer(realm, draft("BBBB"), "AAAA"));
        await settled(stage, codes.post(realm, "AAAA", "late"));
        await pass(codeLife / 2 - 1000);
        expect(await settled(stage, codes.find(realm, "AAAA"))).toBeDefined();
        expect((await settled(stage, codes.messagesOf(realm, "AAAA"))).map(({ text }) => text)).toEqual([
          "early",
          "late",
        ]);
        await pass(1001);
        expect(await settled(stage, codes.find(realm, "AAAA"))).toBeUndefined();
        expect(await settled(stage, codes.find(realm, "BBBB"))).toBeDefined();
        expect(await settled(stage, codes.answersTo(realm, "AAAA"))).toEqual([]);
        expect(await settled(stage, codes.answer(realm, draft("CCCC"), "AAAA"))).toBe("no_offer");
        expect(await settled(stage, codes.post(realm, "AAAA", "too late"))).toBe("no_code");
        expect((await settled(stage, codes.messagesOf(realm, "AAAA"))).map(({ text }) => text)).toEqual(["late"]);
        await pass(codeLife / 2);
        expect(await settled(stage, codes.messagesOf(realm, "AAAA"))).toEqual([]);
      },
    );

    on("a code rests before it is given out again, and nothing of its former holder shows", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [codes] = stage.codes;
      await settled(stage, codes.offer(realm, draft("AAAA")));
      await settled(stage, codes.post(realm, "AAAA", "old"));
      await pass(codeLife + codeRest - 1000);
      expect(await settled(stage, codes.offer(realm, draft("AAAA")))).toBe("taken");
      await pass(1001);
      expect(await settled(stage, codes.offer(realm, draft("AAAA")))).toMatchObject({ kind: "offer" });
      expect(await settled(stage, codes.messagesOf(realm, "AAAA"))).toEqual([]);
    });

    on("counts only ever grow", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [one, two] = stage.codes;
      expect(await settled(stage, one.counts(realm))).toEqual({ offers: 0, answers: 0 });
      await settled(stage, one.offer(realm, draft("AAAA")));
      await settled(stage, two.offer(realm, draft("AAAA")));
      await settled(stage, two.answer(realm, draft("BBBB"), "AAAA"));
      await settled(stage, two.answer(realm, draft("CCCC"), "ZZZZ"));
      expect(await settled(stage, one.counts(realm))).toEqual({ offers: 1, answers: 1 });
      await pass(codeLife + codeRest + 1000);
      expect(await settled(stage, two.counts(realm))).toEqual({ offers: 1, answers: 1 });
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [codes] = stage.codes;
      await settled(stage, codes.offer(realm, draft("AAAA")));
      await outage.begin();
      await expectUnreachable(stage, [
        codes.offer(realm, draft("BBBB")),
        codes.answer(realm, draft("BBBB"), "AAAA"),
        codes.find(realm, "AAAA"),
        codes.answersTo(realm, "AAAA"),
        codes.post(realm, "AAAA", "x"),
        codes.messagesOf(realm, "AAAA"),
        codes.counts(realm),
      ]);
      await outage.end();
      expect(await settled(stage, codes.find(realm, "AAAA"))).toBeDefined();
    });
  });
}
