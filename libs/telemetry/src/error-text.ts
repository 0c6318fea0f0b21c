// What was thrown, as text: the stack, and what caused it.

/** Deeper causes are left out, and so is what is longer. */
const mostCauses = 4;
const mostCharacters = 8_192;

/** Never throws, whatever was thrown. Members that libraries hang on errors are left out: nobody knows what they hold. */
export function errorText(error: unknown): string {
  const parts = [textOf(error)];
  let each = error;
  while (each instanceof Error && each.cause !== undefined && parts.length <= mostCauses) {
    each = each.cause;
    parts.push(textOf(each));
  }
  return parts.join("\ncaused by ").slice(0, mostCharacters);
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`;
  // An object may forbid to be made text, and its members may be anything: its kind is enough.
  const kind = typeof error;
  return `thrown: ${(kind === "object" && error !== null) || kind === "function" ? `a ${kind}` : String(error)}`;
}
