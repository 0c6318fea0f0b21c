/** Compiled checks of the native wire. Loads typebox and probes `eval`: for servers and tests, never for pages. */
export type { Check } from "./checks.ts";
export { checkClientFrame, checkServerFrame, clientChecks, serverChecks } from "./checks.ts";
