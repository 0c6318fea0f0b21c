// Where people find a listener, as they would type it.
import type { Config } from "@heliograph/config";

export function addressOf({ listen }: Config, port: number): string {
  const { host, tls, basePath } = listen;
  const every = host === "0.0.0.0" || host === "::";
  const shown = every ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${tls === undefined ? "http" : "https"}://${shown}:${port}${basePath}`;
}
