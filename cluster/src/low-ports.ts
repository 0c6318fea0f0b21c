// Free ports for UDP and TCP alike, below those that the kernel gives to clients.
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { portTaken } from "./port-taken.ts";

/** Linux gives 32768 and above to sockets that ask for any port; one of them may take what was free a moment ago. */
const lowest = 10_240;
const highest = 19_999;

/** All different; they may be taken by others before they are used. */
export async function lowPorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > 1_000) throw new Error(`no ${count} free ports from ${lowest} to ${highest}`);
    const port = randomInt(lowest, highest + 1);
    if (!found.has(port) && !(await portTaken(port)) && !(await udpTaken(port))) found.add(port);
  }
  return [...found];
}

function udpTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => {
      socket.close();
      resolve(true);
    });
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(false)));
  });
}
