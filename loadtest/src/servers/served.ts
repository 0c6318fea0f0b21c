// What a measured server process tells the bench: its port once, and its usage whenever asked.

export interface Usage {
  /** Microseconds of CPU since the process began, user and system. */
  readonly cpu: number;
  /** Resident bytes. */
  readonly rss: number;
}

/** Collects garbage before memory is read, so that what is measured is what is held. */
declare const gc: (() => void) | undefined;

export function served(port: number): void {
  process.on("message", (question) => {
    if (question === "end") process.exit(0);
    if (question === "settle" && typeof gc === "function") {
      gc();
      gc();
    }
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system, rss: process.memoryUsage.rss() } satisfies Usage);
  });
  // The bench is gone: nobody is left to end this process.
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port });
}
