// How promises of the SDK end, as values.

import { Refusal as SdkRefusal } from "@heliograph/client";
import type { Answer, Refusal } from "./sdk.ts";

export async function answered(asked: Promise<unknown>): Promise<Answer> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof SdkRefusal) return error;
  // OutcomeUnknown and ConnectionOver: nobody will answer any more.
  return { reason: "unknown", retry: false, detail: error instanceof Error ? error.message : undefined };
}
