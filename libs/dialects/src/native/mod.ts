/** The native protocol `heliograph.v1`. */

export { createNativeDialect, nativeSubprotocols } from "./native.ts";
export type { NativeLimits } from "./reader.ts";
