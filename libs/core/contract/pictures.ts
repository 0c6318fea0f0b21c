// What every Pictures promises.
import { describe, expect } from "vitest";
import type { Picture, Pictures } from "../src/ports/pictures.ts";
import { nodeId, pictureId } from "./fixtures.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface PicturesUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly pictures: readonly [Pictures, Pictures];
}

const id = pictureId(1);
const [here, there] = [nodeId(1), nodeId(2)];

function picture(digest: string, bytes = Uint8Array.of(0, 255, 13, 10, 0, 128)): Picture {
  return { bytes, type: "image/png", digest };
}

export function picturesContract(name: string, make: () => Promise<PicturesUnderTest>): void {
  const on = casesOn(make);

  describe(`Pictures: ${name}`, () => {
    on("a picture comes back byte for byte, on every node", async (stage) => {
      const [one, two] = stage.pictures;
      await settled(stage, one.put(id, picture("d1"), here, 60_000));
      const found = await settled(stage, two.get(id));
      expect(found).toMatchObject({ type: "image/png", digest: "d1" });
      expect([...(found?.bytes ?? [])]).toEqual([0, 255, 13, 10, 0, 128]);
      expect(await settled(stage, two.get(pictureId(2)))).toBeUndefined();
    });

    on("a large one too, of every byte", async (stage) => {
      const [one, two] = stage.pictures;
      const bytes = Uint8Array.from({ length: 262_144 }, (_, i) => (i * 31) % 256);
      await settled(stage, one.put(id, { bytes, type: "image/webp", digest: "large" }, here, 60_000));
      const found = await settled(stage, two.get(id));
      expect(found?.type).toBe("image/webp");
      expect(Buffer.compare(found?.bytes ?? new Uint8Array(), bytes)).toBe(0);
    });

    on("what is kept is the picture as it was when it was put", async (stage) => {
      const [pictures] = stage.pictures;
      const bytes = Uint8Array.of(1, 2, 3);
      const put = pictures.put(id, picture("d1", bytes), here, 60_000);
      bytes.fill(9);
      await settled(stage, put);
      expect([...((await settled(stage, pictures.get(id)))?.bytes ?? [])]).toEqual([1, 2, 3]);
    });

    on("an id has one picture, the last one, whoever put it", async (stage) => {
      const [one, two] = stage.pictures;
      await settled(stage, one.put(id, picture("d1"), here, 60_000));
      await settled(stage, two.put(id, picture("d2", Uint8Array.of(7)), there, 60_000));
      expect(await settled(stage, one.get(id))).toEqual(picture("d2", Uint8Array.of(7)));
    });

    on("a removed picture is gone, and only its holder removes it", async (stage) => {
      const [one, two] = stage.pictures;
      await settled(stage, one.put(id, picture("d1"), here, 60_000));
      await settled(stage, two.remove(id, there));
      expect(await settled(stage, one.get(id))).toBeDefined();
      await settled(stage, one.remove(id, here));
      expect(await settled(stage, one.get(id))).toBeUndefined();
      await settled(stage, one.remove(id, here));
    });

    on("who takes a picture over holds it, and learns which one it is", async (stage) => {
      const [one, two] = stage.pictures;
      expect(await settled(stage, two.take(id, there, 60_000))).toBeUndefined();
      await settled(stage, one.put(id, picture("d1"), here, 60_000));
      expect(await settled(stage, two.take(id, there, 60_000))).toBe("d1");
      await settled(stage, one.remove(id, here));
      expect(await settled(stage, one.get(id))).toEqual(picture("d1"));
      expect(await settled(stage, one.touch(id, { holder: here, digest: "d1" }, 60_000))).toBe("theirs");
      expect(await settled(stage, two.touch(id, { holder: there, digest: "d1" }, 60_000))).toBe("kept");
    });

    on("a touch tells what is not there, or not the one that was put", async (stage) => {
      const [pictures] = stage.pictures;
      expect(await settled(stage, pictures.touch(id, { holder: here, digest: "d1" }, 60_000))).toBe("absent");
      await settled(stage, pictures.put(id, picture("d1"), here, 60_000));
      expect(await settled(stage, pictures.touch(id, { holder: here, digest: "d2" }, 60_000))).toBe("absent");
      expect(await settled(stage, pictures.touch(id, { holder: here, digest: "d1" }, 60_000))).toBe("kept");
      expect(await settled(stage, pictures.get(pictureId(2)))).toBeUndefined();
    });

    on("a picture goes by itself after its last put, take or touch", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [pictures] = stage.pictures;
      await settled(stage, pictures.put(id, picture("d1"), here, 1000));
      await pass(700);
      await settled(stage, pictures.put(id, picture("d1"), here, 1000));
      await pass(700);
      expect(await settled(stage, pictures.touch(id, { holder: here, digest: "d1" }, 1000))).toBe("kept");
      await pass(700);
      expect(await settled(stage, pictures.take(id, there, 1000))).toBe("d1");
      await pass(700);
      // None of these lets it live on.
      expect(await settled(stage, pictures.touch(id, { holder: here, digest: "d1" }, 1000))).toBe("theirs");
      await settled(stage, pictures.remove(id, here));
      expect(await settled(stage, pictures.get(id))).toBeDefined();
      await pass(301);
      expect(await settled(stage, pictures.get(id))).toBeUndefined();
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [pictures] = stage.pictures;
      await settled(stage, pictures.put(id, picture("d1"), here, 60_000));
      await outage.begin();
      await expectUnreachable(stage, [
        pictures.get(id),
        pictures.put(id, picture("d2"), here, 60_000),
        pictures.take(id, there, 60_000),
        pictures.touch(id, { holder: here, digest: "d1" }, 60_000),
        pictures.remove(id, here),
      ]);
      await outage.end();
      expect(await settled(stage, pictures.get(id))).toBeDefined();
    });
  });
}
