import { expect, test } from "vitest";
import { House } from "../test-kit/story.ts";
import { afterwards } from "./afterwards.ts";
import type { Happening } from "./ports/observer.ts";

const bug = new Error("a bug");
const isFault = (where: string) => ({ type: "fault", where: expect.stringContaining(where), error: bug });

test("what is thrown when a promise has settled is a fault, whichever way it settled", async () => {
  const observed: Happening[] = [];
  const observer = { observe: (happening: Happening) => void observed.push(happening) };
  const broken = () => {
    throw bug;
  };
  afterwards(Promise.resolve(1), "one", observer, broken);
  afterwards(Promise.reject(new Error("away")), "two", observer, () => undefined, broken);
  afterwards(Promise.reject(bug), "three", observer, () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(observed).toEqual(["one", "two", "three"].map(isFault));
});

test("a connection that throws is a fault, and everybody hears what is said before and after", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const faults: Happening[] = [];
  east.observe = (happening) => void (happening.type === "fault" && faults.push(happening));
  const [ann, bob, carl] = [east.hello().join(), east.hello().join(), west.hello().join()];
  await house.clock.advance(1_000);
  const deliver = bob.deliver.bind(bob);
  bob.deliver = (event) => {
    if (event.type === "broadcast" && event.body.bytes[0] === 2) throw bug;
    deliver(event);
  };
  carl.say(1).say(2).say(3);
  await house.clock.advance(1_000);
  expect(faults).toEqual([isFault("default")]);
  expect(bob.said).toEqual([1, 3]);
  expect(ann.said.at(-1)).toBe(3);
  expect(carl.of("ack").at(-1)?.n).toBe(3);
});

test("a connection that throws while its room is loaded is a fault, and the room serves the others", async () => {
  const house = new House();
  const east = house.edge("east");
  const faults: Happening[] = [];
  east.observe = (happening) => void (happening.type === "fault" && faults.push(happening));
  const ann = east.hello();
  ann.deliver = () => {
    throw bug;
  };
  ann.join();
  const bob = east.hello().join();
  await house.clock.advance(2_000);
  expect(faults.length).toBeGreaterThan(0);
  expect(bob.of("joined")).toHaveLength(1);
});
