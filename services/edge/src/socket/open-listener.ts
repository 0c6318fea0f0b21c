// Opens a listener on uWebSockets.js or, where its native addon cannot load, on ws.
import type { Listener, ListenerOptions } from "./listener.ts";

/**
 * Rejects if the address cannot be listened on or the certificate cannot be read. `onFallback` hears why the addon could
 * not load (no binary for this platform, Node version or C library); everything works on ws, at several times the cost.
 */
export async function openListener(
  options: ListenerOptions,
  onFallback: (reason: unknown) => void,
  loadUws: () => Promise<typeof import("./uws-listener.ts")> = loadUwsListener,
): Promise<Listener> {
  let uws: typeof import("./uws-listener.ts");
  try {
    uws = await loadUws();
  } catch (reason) {
    onFallback(reason);
    const { openWsListener } = await import("./ws-listener.ts");
    return openWsListener(options);
  }
  return uws.openUwsListener(options);
}

async function loadUwsListener(): Promise<typeof import("./uws-listener.ts")> {
  await import("./uws-head-limit.ts");
  // By itself first: where it throws while our module imports it, Node 20 reports the failure a second time, as a
  // rejection that nobody can handle, and ends the process.
  await import("uWebSockets.js");
  return import("./uws-listener.ts");
}
