// One server that lives more than once: a child process on ports and in a folder that outlive it.
import { rm } from "node:fs/promises";
import { Child, type ChildOptions } from "./child.ts";
import type { Server } from "./part.ts";
import { waitFor } from "./wait.ts";

export abstract class ServerProcess implements Server {
  /** Its own: removed in the end. */
  protected readonly folder: string;
  #child: Child | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get running(): boolean {
    return this.#child?.running === true;
  }

  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  /** What it has written lately, since it was last started. */
  get output(): string {
    return this.#child?.output ?? "";
  }

  /** Resolves when its output since it was last started has matched. */
  said(words: RegExp): Promise<RegExpMatchArray> {
    return this.#child?.said(words) ?? Promise.reject(new Error("it was never started"));
  }

  async start(): Promise<void> {
    if (this.running) return;
    const child = new Child(await this.launch());
    this.#child = child;
    await this.ready(child);
  }

  async kill(): Promise<void> {
    await this.#child?.end("SIGKILL");
  }

  async terminate(): Promise<void> {
    await this.#child?.end("SIGTERM");
  }

  pause(): void {
    this.#child?.signal("SIGSTOP");
  }

  wake(): void {
    this.#child?.signal("SIGCONT");
  }

  /** For good: the process and its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What is run, asked at each start. */
  protected abstract launch(): ChildOptions | Promise<ChildOptions>;

  /** Resolves when what has been started can be used. */
  protected abstract ready(child: Child): Promise<void>;
}

/** It did not live to be used: a port may have been taken by somebody else. */
export class EndedEarly extends Error {
  override readonly name = "EndedEarly";
}

/** As `waitFor`, of what a child will do: rejects with `EndedEarly` once it has ended. */
export async function waitOn(
  child: Child,
  what: string,
  look: () => Promise<boolean>,
  patience?: number,
): Promise<void> {
  const looked = (): Promise<boolean> => {
    if (!child.running) throw new EndedEarly(`it ended instead of ${what}:\n${child.output}`);
    return look();
  };
  await waitFor(what, looked, patience).catch((error: unknown) => {
    throw error instanceof EndedEarly
      ? error
      : new Error(`waited in vain for ${what}:\n${child.output}`, { cause: error });
  });
}
