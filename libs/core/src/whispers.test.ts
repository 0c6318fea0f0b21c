import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { House, lobby, realm } from "../test-kit/story.ts";

test("whispers that wait for their room weigh no more than a bundle, and weigh nothing afterwards", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  west.hello().join();
  await house.clock.advance(15_000);
  const { kept } = west.node.size;
  // Of a place in the log that nobody has come to.
  const asOf = { seq: 1_000, index: 0, time: house.clock.now() };
  const [joined] = ann.of("joined");
  if (joined === undefined) throw new Error("it is in");
  const body = { codec: "json", bytes: new Uint8Array(60_000) } as const;
  const message = { from: joined.self, epoch: ann.session.epoch, body, asOf };
  for (let i = 0; i < 20; i += 1) east.ports.whisper.send(roomKey(realm, lobby), message, "everywhere");
  await house.clock.advance(100);
  expect(west.node.size.kept - kept).toBe(240_000);
  await house.clock.advance(200);
  expect(west.node.size.kept).toBeLessThan(10);
});
