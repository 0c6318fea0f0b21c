// Connections that break, at every step there is: nothing is lost, nothing comes twice, nobody is left waiting.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakePage, lines, listen, MemoryStorage, Scene } from "../test-kit/scene.ts";
import { settled } from "../test-kit/virtual-clock.ts";
import { ConnectionOver, OutcomeUnknown, Refusal } from "./failure.ts";

async function chat(spoil: (scene: Scene) => void) {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  const [annHears, bobHears] = [listen(ann.room), listen(bob.room)];
  spoil(scene);
  const said: Promise<void>[] = [];
  for (let line = 1; line <= 12; line += 1) {
    said.push(ann.room.broadcast(`a${line}`), bob.room.broadcast(`b${line}`));
    if (line === 5) said.push(bob.room.setData("slide", 5, { owned: true }));
    await scene.clock.advance(3);
  }
  await scene.clock.until(Promise.all(said));
  scene.cluster.network.tap = () => "pass";
  await scene.clock.advance(60_000);
  return { scene, ann, bob, annHears, bobHears };
}

const twelve = (who: string) => Array.from({ length: 12 }, (_, index) => `${who}${index + 1}`);

test("a connection cut before any one frame loses no line and doubles none", async () => {
  let cuts = 0;
  for (let step = 1; step <= 90; step += 1) {
    let frames = 0;
    const { annHears, bobHears, bob, scene } = await chat(({ cluster }) => {
      cluster.network.tap = () => {
        frames += 1;
        if (frames !== step) return "pass";
        cuts += 1;
        return "cut";
      };
    });
    expect(lines(annHears), `cut at ${step}`).toEqual(twelve("b"));
    expect(lines(bobHears), `cut at ${step}`).toEqual(twelve("a"));
    expect(annHears.filter((word) => word === "data slide 5")).toHaveLength(1);
    expect(bob.room.data.get("slide")?.value).toBe(5);
    expect(scene.errors).toEqual([]);
  }
  expect(cuts).toBeGreaterThan(70);
});

test("connections cut at many random steps, hello and resume included, lose no line and double none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }), async (gaps) => {
      const waits = [...gaps];
      let left = waits.shift() ?? 0;
      const { annHears, bobHears } = await chat(({ cluster }) => {
        cluster.network.tap = () => {
          left -= 1;
          if (left !== 0) return "pass";
          left = waits.shift() ?? 0;
          return "cut";
        };
      });
      expect(lines(annHears)).toEqual(twelve("b"));
      expect(lines(bobHears)).toEqual(twelve("a"));
    }),
    { seed: 20_261_121, numRuns: 60 },
  );
});

test("an entry of two frames that is cut in the middle is completed after the resume", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  const hears = listen(room);
  scene.cluster.network.tap = (_direction, frame) =>
    frame.type === "broadcast" && frame.body === "second" ? "cut" : "pass";
  scene.cluster.append("tea", (position) =>
    ["first", "second"].map((body) => ({ type: "broadcast", room: "tea", from: "x", body, position })),
  );
  await scene.clock.advance(2);
  scene.cluster.network.tap = () => "pass";
  await scene.clock.advance(1_000);
  expect(lines(hears)).toEqual(["first", "second"]);
});

test("the counter of attempts is stored before every connection and never falls", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  const client = await scene.connected({ storage });
  const seen: string[] = [];
  scene.cluster.network.tap = (direction, frame) => {
    if (direction === "up" && frame.type === "resume") seen.push(`${frame.attempt} ${[...storage.values.values()][0]}`);
    return "pass";
  };
  scene.cluster.endOf(client.session).cut();
  await scene.clock.advance(2_000);
  scene.cluster.endOf(client.session).cut();
  await scene.clock.advance(2_000);
  expect(seen.map((words) => words.split(" ")[0])).toEqual(["2", "3"]);
  expect(seen[1]).toContain('"attempt":3');
});

test("attempts wait longer and longer, with jitter, and start over after a stable connection", async () => {
  const scene = new Scene();
  const client = scene.client();
  scene.cluster.network.down = true;
  const opened = client.connect();
  await scene.clock.advance(60_000);
  expect(client.state).toBe("connecting");
  scene.cluster.network.down = false;
  await scene.clock.until(opened);
  // Half of 250 ms doubled each time, up to half of 15 s.
  expect(scene.cluster.sent("hello")[0]?.attempt).toBeLessThan(15);
  await scene.clock.advance(15_000);
  scene.cluster.endOf(client.session).cut();
  await scene.clock.advance(140);
  expect(client.state).toBe("open");
});

test("whoever is cut every few seconds, and served in between, comes back as fast as the first time", async () => {
  const scene = new Scene();
  const client = await scene.connected();
  for (let death = 1; death <= 12; death += 1) {
    await scene.clock.advance(4_000);
    scene.cluster.endOf(client.session).cut();
    // Half of 250 ms and the way there: what is drawn is always a half here.
    await scene.clock.advance(140);
    expect(client.state, `after death ${death}`).toBe("open");
  }
});

test("the browser's word that it is online again ends the waiting at once", async () => {
  const scene = new Scene();
  const page = new FakePage();
  const client = await scene.connected({ page });
  scene.cluster.network.down = true;
  scene.cluster.endOf(client.session).cut();
  await scene.clock.advance(30_000);
  scene.cluster.network.down = false;
  expect(client.state).toBe("reconnecting");
  page.tell("online");
  await scene.clock.advance(5);
  expect(client.state).toBe("open");
});

test("several addresses are tried in turn", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two"] });
  scene.cluster.endOf(client.session).cut();
  await scene.clock.advance(1_000);
  expect(scene.cluster.heard.map(({ url }) => url)).toEqual(["ws://one", "ws://two"]);
});

test("a server that does not greet in time is given up", async () => {
  const scene = new Scene();
  const client = scene.client();
  let silent = true;
  scene.cluster.network.tap = (_direction, frame, end) => {
    if (silent && frame.type === "welcome") {
      end.silence();
      silent = false;
    }
    return "pass";
  };
  const opened = client.connect();
  await scene.clock.until(opened);
  expect(scene.clock.now()).toBeGreaterThan(10_000);
  expect(scene.clock.now()).toBeLessThan(11_000);
});

test("a link that falls silent is noticed by the heartbeat and replaced", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const hears = listen(room);
  scene.cluster.endOf(client.session).silence();
  await scene.clock.advance(25_000);
  expect(client.state).toBe("open");
  await scene.clock.advance(10_500);
  expect(client.state).toBe("open");
  expect(scene.cluster.sent("resume")).toHaveLength(1);
  expect(room.state).toBe("joined");
  expect(hears.filter((word) => word.startsWith("over"))).toEqual([]);
});

test("a quiet link is pinged at every heartbeat and its positions are adopted for the next resume", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  await scene.clock.until(ann.room.setProfile({ name: "Ann" }));
  await scene.clock.advance(75_500);
  expect(scene.cluster.sent("ping")).toHaveLength(3);
  scene.cluster.endOf(ann.client.session).cut();
  await scene.clock.advance(1_000);
  expect(scene.cluster.sent("resume")[0]?.rooms).toEqual([{ room: "tea", position: "2.0.0" }]);
});

test("another page that takes the session over ends this one, and the two do not fight", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  const first = await scene.joined("tea", { storage });
  await scene.clock.advance(300);
  const copy = new MemoryStorage();
  for (const [key, value] of storage.values) copy.setItem(key, value);
  const told: string[] = [];
  first.client.on("taken_over", () => told.push("taken over"));
  const hears = listen(first.room);
  const second = await scene.connected({ storage: copy });
  await scene.clock.advance(60_000);
  expect(told).toEqual(["taken over"]);
  expect(first.client.state).toBe("closed");
  expect(hears).toContain("over closed");
  expect(storage.values.size).toBe(0);
  expect(second.state).toBe("open");
  expect(scene.cluster.sent("resume")).toHaveLength(1);
});

test("a close as taken over by our own newer attempt, whose socket died, is not the end", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  let once = true;
  scene.cluster.network.tap = (direction, frame, end) => {
    if (once && direction === "down" && frame.type === "welcome" && end.url === "ws://two") {
      once = false;
      return "cut";
    }
    return "pass";
  };
  scene.cluster.endOf(client.session).send({ type: "goaway", retryIn: 10 });
  await scene.clock.advance(5_000);
  expect(client.state).toBe("open");
  await scene.clock.until(room.broadcast("here"));
});

test("a session that has expired begins anew, its rooms are left and unanswered commands are unknown", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const hears = listen(room);
  const told: string[] = [];
  client.on("expired", ({ rooms }) => told.push(...rooms));
  const former = client.session;
  scene.cluster.network.tap = (_direction, frame) => (frame.type === "broadcast" ? "cut" : "pass");
  const said = room.broadcast("lost?");
  await scene.clock.advance(5);
  scene.cluster.forget(former);
  await expect(scene.clock.until(said)).rejects.toBeInstanceOf(OutcomeUnknown);
  await scene.clock.advance(5_000);
  expect(told).toEqual(["tea"]);
  expect(hears).toContain("over expired");
  expect(room.state).toBe("left");
  expect(client.state).toBe("open");
  expect(client.session).not.toBe(former);
  const again = await scene.clock.until(client.join("tea"));
  expect(again).not.toBe(room);
  await expect(room.broadcast("too late")).rejects.toMatchObject({ reason: "not_a_member" });
});

test("a stay that is over alone ends alone", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const other = await scene.clock.until(client.join("cake"));
  scene.cluster.network.down = true;
  scene.cluster.endOf(client.session).cut();
  scene.cluster.leave("tea", client.session ?? "", "lost");
  await scene.clock.advance(100);
  scene.cluster.network.down = false;
  await scene.clock.advance(5_000);
  expect(room.state).toBe("left");
  expect(other.state).toBe("joined");
});

test("a session that nobody lets in rejects, and asks no further", async () => {
  const scene = new Scene();
  scene.cluster.refuse = () => ({ reason: "unauthorized" });
  const client = scene.client({ token: "wrong" });
  await expect(scene.clock.until(client.connect())).rejects.toMatchObject({ name: "Refusal", reason: "unauthorized" });
  await scene.clock.advance(60_000);
  expect(scene.cluster.sent("hello")).toHaveLength(1);
  expect(client.state).toBe("closed");
  await expect(client.join("tea")).rejects.toBeInstanceOf(ConnectionOver);
});

test("a refused greeting that may be tried again waits as long as the server says", async () => {
  const scene = new Scene();
  let refused = 0;
  scene.cluster.refuse = (frame) => {
    if (frame.type !== "hello" || refused > 0) return undefined;
    refused += 1;
    return { reason: "unavailable", retryIn: 5_000 };
  };
  const client = scene.client();
  await scene.clock.until(client.connect());
  expect(scene.clock.now()).toBeGreaterThan(5_000);
});

test("an address that cannot be one rejects", async () => {
  const scene = new Scene();
  await expect(scene.clock.until(scene.client({ url: "http://one" }).connect())).rejects.toBeInstanceOf(ConnectionOver);
});

test("a client that closes says bye, ends everything and leaves no timer behind", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  const { client, room } = await scene.joined("tea", { storage });
  const waiting = scene.client().join("never");
  client.close();
  await scene.clock.advance(10);
  expect(scene.cluster.sent("bye")).toHaveLength(1);
  expect(client.state).toBe("closed");
  expect(room.state).toBe("left");
  expect(storage.values.size).toBe(0);
  expect(scene.clock.waiting).toBe(0);
  void waiting;
  await settled();
});

test("a reloaded page resumes, and joining again gives it the room and what it has missed, once", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  const page = new FakePage();
  const ann = await scene.joined("tea");
  const before = await scene.joined("tea", { storage, page });
  const heardBefore = listen(before.room);
  await scene.clock.until(ann.room.broadcast("one"));
  await scene.clock.until(before.room.broadcast("mine"));
  await scene.clock.until(ann.room.broadcast("two"));
  await scene.clock.advance(5);
  page.tell("pagehide");
  scene.cluster.endOf(before.client.session).silence();
  await scene.clock.until(ann.room.broadcast("three"));
  const after = await scene.connected({ storage });
  await scene.clock.until(ann.room.broadcast("four"));
  expect(after.session).toBe(before.client.session);
  expect(after.heldRooms).toEqual(["tea"]);
  const room = await scene.clock.until(after.join("tea"));
  const heard = listen(room);
  await scene.clock.until(ann.room.broadcast("five"));
  await scene.clock.until(room.broadcast("mine too"));
  await scene.clock.advance(100);
  expect(lines(heardBefore)).toEqual(["one", "two"]);
  expect(lines(heard)).toEqual(["three", "four", "five"]);
  expect(
    scene.cluster
      .sent("broadcast")
      .filter(({ body }) => String(body).startsWith("mine"))
      .map(({ n }) => n),
  ).toEqual([1, 2]);
  expect(room.members.size).toBe(2);
});

test("a reloaded page that does not ask for its room again leaves it after the grace", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  const before = await scene.joined("tea", { storage });
  await scene.clock.advance(300);
  scene.cluster.endOf(before.client.session).silence();
  const after = await scene.connected({ storage });
  await scene.clock.advance(29_000);
  expect(scene.cluster.room("tea").seats.size).toBe(1);
  await scene.clock.advance(2_000);
  expect(scene.cluster.room("tea").seats.size).toBe(0);
  expect(after.heldRooms).toEqual([]);
});

test("a storage that holds rubbish, or throws, only costs the resume", async () => {
  const scene = new Scene();
  const storage = new MemoryStorage();
  storage.setItem("heliograph:ws://one", '{"token":7}');
  expect((await scene.connected({ storage })).state).toBe("open");
  const broken = {
    getItem: () => {
      throw new Error("forbidden");
    },
    setItem: () => {
      throw new Error("full");
    },
    removeItem: () => {
      throw new Error("forbidden");
    },
  };
  expect((await scene.connected({ storage: broken })).state).toBe("open");
});

test("refusals carry their words", () => {
  expect(new Refusal("full")).toMatchObject({ code: 4424, retry: true });
});
