// What every Whisper promises: at most once, in order per sender.
import type { RoomKey } from "@heliograph/protocol";
import { describe, expect } from "vitest";
import type { Whisper, WhisperMessage } from "../src/ports/whisper.ts";
import { freshRoom, memberId, nodeId } from "./fixtures.ts";
import type { Stage } from "./stage.ts";
import { casesOn, sayUntil } from "./stage.ts";

export interface WhisperUnderTest extends Stage {
  /** Of three nodes. */
  readonly whispers: readonly [Whisper, Whisper, Whisper];
}

const everyone = [0, 1, 2] as const;
const text = new TextDecoder();

function whisper(n: number, by: number, to?: number): WhisperMessage {
  return {
    from: memberId(by),
    epoch: { attempt: 1, bump: 0, node: nodeId(by) },
    body: { codec: "json", bytes: new TextEncoder().encode(String(n)) },
    asOf: { seq: n, index: 0, time: 1 },
    ...(to === undefined ? {} : { to: memberId(to) }),
  };
}

function numbersOf(heard: readonly WhisperMessage[], by: number): number[] {
  return heard.filter(({ from }) => from === memberId(by)).map(({ body }) => Number(text.decode(body.bytes)));
}

export function whisperContract(name: string, make: () => Promise<WhisperUnderTest>): void {
  const on = casesOn(make);

  /** A whisper may be lost, and a follow may take a while to be known. */
  function whisperUntil(stage: WhisperUnderTest, by: 0 | 1 | 2, room: RoomKey, from: number, heard: () => boolean) {
    return sayUntil(stage, (n) => stage.whispers[by].send(room, whisper(n, by), "everywhere"), heard, from);
  }

  describe(`Whisper: ${name}`, () => {
    on("every follower hears it, the sender's own node included, as it was said", async (stage) => {
      const room = freshRoom();
      const heard: WhisperMessage[][] = [[], [], []];
      for (const by of everyone) stage.whispers[by].follow(room, (message) => heard[by]?.push(message));
      await whisperUntil(stage, 0, room, 1, () => heard.every((messages) => messages.length > 0));
      for (const messages of heard) {
        const [first] = messages;
        expect(first).toEqual(whisper(first?.asOf.seq ?? 0, 0));
      }
    });

    on("nobody hears one twice, and those of one sender stay in order", async (stage) => {
      const room = freshRoom();
      const heard: WhisperMessage[][] = [[], [], []];
      for (const by of everyone) stage.whispers[by].follow(room, (message) => heard[by]?.push(message));
      await whisperUntil(stage, 0, room, 1, () => heard.every((messages) => numbersOf(messages, 0).length > 0));
      for (let n = 2001; n <= 2050; n += 1) {
        for (const by of everyone) stage.whispers[by].send(room, whisper(n, by), "everywhere");
      }
      for (const by of everyone) {
        await whisperUntil(stage, by, room, 3001, () => heard.every((all) => numbersOf(all, by).some((n) => n > 3000)));
      }
      for (const messages of heard) {
        for (const by of everyone) {
          const numbers = numbersOf(messages, by);
          expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        }
      }
    });

    on("rooms do not hear each other, and who has stopped following hears no more", async (stage) => {
      const [here, there] = [freshRoom(), freshRoom()];
      const [one, two, gone]: WhisperMessage[][] = [[], [], []];
      stage.whispers[0].follow(here, (message) => one?.push(message));
      stage.whispers[1].follow(there, (message) => two?.push(message));
      const stop = stage.whispers[2].follow(here, (message) => gone?.push(message));
      await whisperUntil(stage, 0, here, 1, () => (gone?.length ?? 0) > 0);
      stop();
      const before = gone?.length;
      await whisperUntil(stage, 1, there, 1, () => (two?.length ?? 0) > 0);
      await whisperUntil(stage, 0, here, 2001, () => one?.some(({ asOf }) => asOf.seq > 2000) ?? false);
      expect(gone?.length).toBe(before);
      expect(one?.every(({ from }) => from === memberId(0))).toBe(true);
      expect(two?.every(({ from }) => from === memberId(1))).toBe(true);
    });

    on("nothing is heard inside the call that says it", async (stage) => {
      const room = freshRoom();
      let heard = 0;
      stage.whispers[0].follow(room, () => {
        heard += 1;
      });
      stage.whispers[0].send(room, whisper(1, 0), "everywhere");
      expect(heard).toBe(0);
      await whisperUntil(stage, 0, room, 2, () => heard > 0);
    });
  });
}
