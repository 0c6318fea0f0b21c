// What goes on when a promise has settled, so that a bug in it is told as a fault and no more is lost than that.
import type { Observer } from "./ports/observer.ts";

/** Without it what `done` or `failed` throws would be nobody's: a rejection that nothing handles ends a process. */
export function afterwards<T>(
  promise: Promise<T>,
  where: string,
  observer: Observer,
  done: (value: T) => void,
  failed?: (error: unknown) => void,
): void {
  promise.then(done, failed).catch((error: unknown) => observer.observe({ type: "fault", where, error }));
}
