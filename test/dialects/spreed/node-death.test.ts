// Spreed WebRTC while nodes are killed: sessions go on elsewhere under their Ids, or are told as gone, once.
import { LocalCluster } from "@heliograph/cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, SpreedClient, typesOf } from "./client.ts";
import { processSettings } from "./settings.ts";

let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start({ edges: 3, keepers: 1, nats: 1, redis: "single", settings: processSettings });
});

afterAll(() => cluster.stop());

function baseOf(place: number): string {
  return `http://127.0.0.1:${cluster.edges[place]?.port}/spreed/`;
}

test("[spreed 70] a killed node's sessions go on elsewhere as they were, and who does not come back has left hard", async () => {
  const [stays, resumes, b] = await Promise.all([
    SpreedClient.come(baseOf(0)),
    SpreedClient.come(baseOf(0)),
    SpreedClient.come(baseOf(1)),
  ]);
  for (const each of [stays, resumes, b]) await each.join("through-death");
  await b.heardAll(resumes, true);
  const killed = cluster.edges[0];
  await killed?.kill();
  try {
    await Promise.all([stays.closed, resumes.closed]);
    const again = await SpreedClient.come(baseOf(2), { token: resumes.token });
    expect([again.id, again.sid]).toStrictEqual([resumes.id, resumes.sid]);
    await again.join("through-death");
    b.chat(resumes.id, { Message: "are you there?" });
    await again.take("Chat", (data) => inside(data, "Chat", "Message") === "are you there?");
    const left = await b.take("Left");
    expect(left).toMatchObject({ From: stays.id, Data: { Id: stays.id, Status: "hard" } });
    expect((await b.users()).map(({ Id }) => Id).toSorted()).toStrictEqual([again.id, b.id].toSorted());
    await b.heardAll(again, true);
    expect(typesOf(b.untaken)).not.toContain("Left");
    await Promise.all([again.close(), b.close()]);
  } finally {
    await killed?.start();
  }
});
