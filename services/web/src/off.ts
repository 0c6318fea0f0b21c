// Ends several subscriptions as one.
import type { Off } from "./sdk.ts";

export function all(offs: readonly Off[]): Off {
  return () => {
    for (const off of offs) off();
  };
}
