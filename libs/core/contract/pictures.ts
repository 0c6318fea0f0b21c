// What every Pictures promises.
import { describe, expect } from "vitest";
import type { Picture, Pictures } from "../src/ports/pictures.ts";
import { otherRealm, realm, sessionId } from "./fixtures.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface PicturesUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly pictures: readonly [Pictures, Pictures];
}

const owner = sessionId(1);

function picture(digest: string, bytes = Uint8Array.of(0, 255, 13, 10, 0, 128)): Picture {
  return { bytes, type: "image/png", digest, owner };
}

export function picturesContract(name: string, make: () => Promise<PicturesUnderTest>): void {
  const on = casesOn(make);

  describe(`Pictures: ${name}`, () => {
    on("a picture comes back byte for byte, on every node", async (stage) => {
      const [one, two] = stage.pictures;
      await settled(stage, one.put(realm, picture("d1"), 60_000));
      const found = await settled(stage, two.get(realm, owner, "d1"));
      expect(found).toMatchObject({ type: "image/png", digest: "d1", owner });
      expect([...(found?.bytes ?? [])]).toEqual([0, 255, 13, 10, 0, 128]);
    });

    on("what is kept is the picture as it was when it was put", async (stage) => {
      const [pictures] = stage.pictures;
      const bytes = Uint8Array.of(1, 2, 3);
      const put = pictures.put(realm, picture("d1", bytes), 60_000);
      bytes.fill(9);
      await settled(stage, put);
      expect([...((await settled(stage, pictures.get(realm, owner, "d1")))?.bytes ?? [])]).toEqual([1, 2, 3]);
    });

    on("an owner has one picture per realm, and the address of an earlier one finds nothing", async (stage) => {
      const [pictures] = stage.pictures;
      await settled(stage, pictures.put(realm, picture("d1"), 60_000));
      await settled(stage, pictures.put(realm, picture("d2"), 60_000));
      expect(await settled(stage, pictures.get(realm, owner, "d1"))).toBeUndefined();
      expect(await settled(stage, pictures.get(realm, owner, "d2"))).toBeDefined();
      expect(await settled(stage, pictures.get(otherRealm, owner, "d2"))).toBeUndefined();
      expect(await settled(stage, pictures.get(realm, sessionId(2), "d2"))).toBeUndefined();
    });

    on("a removed picture is gone", async (stage) => {
      const [one, two] = stage.pictures;
      await settled(stage, one.put(realm, picture("d1"), 60_000));
      await settled(stage, two.remove(realm, owner));
      expect(await settled(stage, one.get(realm, owner, "d1"))).toBeUndefined();
      await settled(stage, one.remove(realm, owner));
    });

    on("a picture goes by itself after its last put", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [pictures] = stage.pictures;
      await settled(stage, pictures.put(realm, picture("d1"), 1000));
      await pass(700);
      await settled(stage, pictures.put(realm, picture("d1"), 1000));
      await pass(700);
      expect(await settled(stage, pictures.get(realm, owner, "d1"))).toBeDefined();
      await pass(301);
      expect(await settled(stage, pictures.get(realm, owner, "d1"))).toBeUndefined();
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [pictures] = stage.pictures;
      await settled(stage, pictures.put(realm, picture("d1"), 60_000));
      await outage.begin();
      await expectUnreachable(stage, [
        pictures.get(realm, owner, "d1"),
        pictures.put(realm, picture("d2"), 60_000),
        pictures.remove(realm, owner),
      ]);
      await outage.end();
      expect(await settled(stage, pictures.get(realm, owner, "d1"))).toBeDefined();
    });
  });
}
