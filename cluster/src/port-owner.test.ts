import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { lowPorts } from "./low-ports.ts";
import { holdsPort } from "./port-owner.ts";
import { stunAnswers } from "./stun-answer.ts";

/** Silent, over TCP and UDP, in this very process. */
async function listening(): Promise<number> {
  const [port = 0] = await lowPorts(1);
  const server = createServer((socket) => socket.resume());
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await new Promise<void>((resolve) => socket.bind(port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    socket.close();
  });
  return port;
}

describe("a port below those that Linux gives to clients", () => {
  test("is held by the process that listens on it, and by no other", async () => {
    const port = await listening();
    expect(port).toBeLessThan(32_768);
    for (const protocol of ["tcp", "udp"] as const) {
      expect(holdsPort(process.pid, protocol, port)).toBe(true);
      expect(holdsPort(process.ppid, protocol, port)).toBe(false);
      expect(holdsPort(process.pid, protocol, port + 1)).toBe(false);
    }
  });

  test("that is held says nothing of a STUN server there", async () => {
    const port = await listening();
    expect(await stunAnswers("udp", port, 50)).toBe(false);
    expect(await stunAnswers("tcp", port, 50)).toBe(false);
  });

  test("comes up once in a list of them", async () => {
    const ports = await lowPorts(20);
    expect(new Set(ports).size).toBe(20);
  });
});
