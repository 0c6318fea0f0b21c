// Waiting for servers that other processes bring up: they tell nobody when they are ready, so they are asked.
import { setTimeout as pause } from "node:timers/promises";

/** Milliseconds between two looks. */
const interval = 25;

/** Resolves once `look` gives true; rejects when it throws, or after `patience` milliseconds. */
export async function waitFor(what: string, look: () => boolean | Promise<boolean>, patience = 60_000): Promise<void> {
  const until = Date.now() + patience;
  while (!(await look())) {
    if (Date.now() > until) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await pause(interval);
  }
}

/** As `waitFor`, of a server that refuses, resets or moves meanwhile: a look that rejects counts as not yet. */
export async function waitThrough(what: string, look: () => Promise<boolean>): Promise<void> {
  let why: unknown;
  const tried = async (): Promise<boolean> => {
    try {
      return await look();
    } catch (error) {
      why = error;
      return false;
    }
  };
  await waitFor(what, tried).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : error}`, { cause: why });
  });
}

/** The status of an answer to a GET; undefined when there is none in time. */
export async function statusOf(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Refused, reset or silent: for whoever waits it is all the same.
    return undefined;
  }
}
