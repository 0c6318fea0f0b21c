// A client's connection is half open: neither end is told. The node lets go of it in time, and the client resumes.
import { expect } from "vitest";
import { Wire } from "../kit/wire.ts";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { besides } from "./outage.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

export function halfOpen(row: Row): void {
  fault("half-open TCP to a client", { timeout: besides + 50_000, ...row }, async (house, measured) => {
    const [east, west] = await edgesOf(house, 2);
    const wire = await Wire.to(east.edge.port);
    house.after(() => wire.end());
    const through = { url: `ws://127.0.0.1:${wire.port}/v1/socket` };
    const ann = await house.member([through, west], "tea");
    const bob = await house.member([west], "tea");
    // One that does nothing by itself: only the node can end its connection.
    const guest = await Guest.joined(through, "tea");
    const talk = new Talk([ann, bob]);
    await talk.goesOn(10_000);

    for (const strand of wire.strands) strand.stall();
    const began = performance.now();
    await within(45_000, "the client has resumed", () => house.nodesOf(ann).length === 2);
    measured("the client resumes after", performance.now() - began);
    await within(45_000 - (performance.now() - began), "the node has closed both", () => {
      return east.edge.held().connections === 0;
    });
    measured("the node closes after", performance.now() - began);
    guest.client.socket.terminate();
    await talk.goesOn(5_000);
    await talk.judge();
    expect([...ann.gaps, ...bob.gaps]).toStrictEqual([]);
    const told = bob.members.filter((event) => "member" in event && event.member.id === ann.room.self);
    expect(told.map(({ change }) => change)).not.toContain("left");
  });
}
