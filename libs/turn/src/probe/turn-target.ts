// Which server, port and transport a TURN URL means.
import type { IceUrl } from "../ice-url.ts";
import { isTurn } from "../ice-url.ts";
import type { TurnTarget } from "./wire.ts";

/** Undefined: it is not a TURN URL. */
export function targetOf(url: IceUrl): TurnTarget | undefined {
  if (!isTurn(url)) return undefined;
  const host = url.host.startsWith("[") ? url.host.slice(1, -1) : url.host;
  return { host, port: url.port, transport: url.scheme === "turns" ? "tls" : url.transport };
}
