// What a port rejected with: that it is out of reach is no fault and everybody's to outlive, anything else is told.
import type { Observer } from "./ports/observer.ts";
import { Unreachable } from "./ports/unreachable.ts";

/** Takes what the questions of one asker were rejected with. `where`: whose questions they are. */
export function portFailures(where: string, observer: Observer): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Unreachable)) observer.observe({ type: "fault", where, error });
  };
}
