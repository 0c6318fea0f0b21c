// Proves that data passes a relay: two allocations of one server send to each other, there and back.

import { randomBytes } from "node:crypto";
import type { Login } from "../login.ts";
import { openWire } from "./open-wire.ts";
import { TurnClient } from "./turn-client.ts";
import type { Told } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import type { TurnTarget, WireOptions } from "./wire.ts";
import { stepBound } from "./wire.ts";

export interface Echo {
  /** Milliseconds there and back. */
  readonly ms: number;
}

/** Milliseconds after which it is sent once more: between relay and relay it is UDP, which may lose it. */
const again = 250;

/** Never rejects. Refused with 403 where the relay may not be its own peer. */
export async function echoThroughRelay(
  target: TurnTarget,
  login: Login,
  options: WireOptions = {},
): Promise<Told<Echo>> {
  const clients: TurnClient[] = [];
  const allocate = async () => {
    const opened = await openWire(target, options);
    if (!opened.ok) return opened;
    const client = new TurnClient(opened.value.wire, options.bound);
    clients.push(client);
    const allocated = await client.allocate(login);
    return allocated.ok ? told({ client, relayed: allocated.value.relayed }) : allocated;
  };
  try {
    const [one, other] = await Promise.all([allocate(), allocate()]);
    if (!one.ok) return one;
    if (!other.ok) return other;
    const there = await one.value.client.permit(other.value.relayed.address);
    const back = await other.value.client.permit(one.value.relayed.address);
    if (!there.ok) return there;
    if (!back.ok) return back;
    other.value.client.onData((from, data) => other.value.client.send(from, data));
    const { relayed } = other.value;
    return await echoed(one.value.client, (data) => one.value.client.send(relayed, data), options.bound ?? stepBound);
  } finally {
    await Promise.all(clients.map((client) => client.refresh(0)));
    for (const client of clients) client.close();
  }
}

function echoed(client: TurnClient, send: (data: Uint8Array) => void, bound: number): Promise<Told<Echo>> {
  return new Promise((resolve) => {
    const words = randomBytes(16);
    let sent = performance.now();
    const end = (answer: Told<Echo>): void => {
      clearInterval(repeat);
      clearTimeout(late);
      stop();
      resolve(answer);
    };
    const stop = client.onData((_from, data) => {
      if (words.equals(data)) end(told({ ms: performance.now() - sent }));
    });
    const repeat = setInterval(() => {
      sent = performance.now();
      send(words);
    }, again);
    const late = setTimeout(() => end(failed({ is: "timeout", while: "asking" })), bound);
    send(words);
  });
}
