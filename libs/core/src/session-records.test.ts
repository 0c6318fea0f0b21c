import { expect, test, vi } from "vitest";
import { type Client, type Edge, House, lobby, nodeNamed, realm } from "../test-kit/story.ts";

const recordOf = (edge: Edge, client: Client) => edge.ports.directory.find(realm, client.session.id);

test("a session and its rooms stand in the directory as soon as there is time for it, and go with it", async () => {
  const house = new House();
  const east = house.edge("east");
  const ann = east.hello();
  const began = house.clock.now();
  await house.clock.advance(1_000);
  expect(await recordOf(east, ann)).toEqual({
    realm,
    session: ann.session.id,
    node: nodeNamed("east"),
    dialect: "test",
    rooms: [],
    since: began,
  });
  ann.join();
  await house.clock.advance(1_000);
  expect((await recordOf(east, ann))?.rooms).toEqual([lobby]);
  ann.leave(2);
  await house.clock.advance(1_000);
  expect((await recordOf(east, ann))?.rooms).toEqual([]);
  ann.cut();
  await house.clock.advance(1_000);
  expect(await recordOf(east, ann)).toBeUndefined();
});

test("a record lasts as long as its session", async () => {
  const house = new House();
  const east = house.edge("east");
  const ann = east.hello();
  for (let passed = 0; passed < 1_200; passed += 60) {
    await house.clock.advance(60_000);
    expect(await recordOf(east, ann)).toBeDefined();
  }
});

test("a session that moved is found where it is, and its former node takes nothing away", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.advance(2_000);
  const again = west.resume(ann, 2, ann.place());
  await house.clock.advance(2_000);
  expect(ann.closed).toBe("taken_over");
  expect((await recordOf(west, again))?.node).toBe(nodeNamed("west"));
});

test("records that the memory has lost are said again within ten seconds, what is new among them at once", async () => {
  const house = new House();
  const east = house.edge("east");
  const old = Array.from({ length: 100 }, () => east.hello());
  await house.clock.advance(60_000);
  house.cluster.flush();
  await house.clock.advance(1_000);
  const fresh = east.hello();
  await house.clock.advance(500);
  expect(await recordOf(east, fresh)).toBeDefined();
  await house.clock.advance(10_000);
  for (const client of old) expect(await recordOf(east, client)).toBeDefined();
});

test("nothing is asked of a memory that is out of reach, and all is said when it is back", async () => {
  const house = new House();
  const east = house.edge("east");
  east.hello();
  await house.clock.advance(1_000);
  house.cluster.reach.set("closed");
  const put = vi.spyOn(east.ports.directory, "put");
  const ann = east.hello();
  await house.clock.advance(60_000);
  expect(put).not.toHaveBeenCalled();
  house.cluster.reach.set("open");
  await house.clock.advance(10_000);
  expect(await recordOf(east, ann)).toBeDefined();
});

test("thousands of sessions are said at a pace, and none is left out", async () => {
  const house = new House();
  const east = house.edge("east");
  const put = vi.spyOn(east.ports.directory, "put");
  const all = Array.from({ length: 3_000 }, () => east.hello());
  let most = 0;
  for (let passed = 0; passed < 4_000; passed += 250) {
    const before = put.mock.calls.length;
    await house.clock.advance(250);
    most = Math.max(most, put.mock.calls.length - before);
  }
  expect(most).toBeLessThanOrEqual(500);
  for (const client of all) expect(await recordOf(east, client)).toBeDefined();
  put.mockClear();
  await house.clock.advance(120_000);
  expect(new Set(put.mock.calls.map(([record]) => record.session)).size).toBe(3_000);
  expect(put.mock.calls.length).toBeLessThan(4_000);
});
