// TCP ports that nobody listens on at the moment of asking, all different, and left alone by others for a while.
import { randomInt } from "node:crypto";
import { portTaken } from "./port-taken.ts";

/**
 * Below those that the kernel gives to clients (Linux: from 32768 on): one of them may take the port of a server that is
 * down, and then it never comes back. Above those of `low-ports.ts`.
 */
const lowest = 20_000;
/** Processes that ask at the same time, such as the runner's workers, look in slices of their own. */
const slices = 64;
const slice = 199;

/** Goes round the slice, so that a port is given out again only long after its server has gone. */
let next = randomInt(slice);

/** They may be taken by others before they are used: whoever starts a server on one looks whether it came up. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const first = lowest + (process.pid % slices) * slice;
  const found: number[] = [];
  for (let tries = 0; found.length < count; tries += 1) {
    if (tries === slice) throw new Error(`no ${count} free ports from ${first} to ${first + slice - 1}`);
    const port = first + next;
    next = (next + 1) % slice;
    if (!(await portTaken(port))) found.push(port);
  }
  return found;
}
