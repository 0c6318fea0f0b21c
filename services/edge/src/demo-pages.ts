// The demo pages that an edge serves beside its sockets, in a cluster and alone.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "@heliograph/config";
import type { HttpHandler } from "./socket/http.ts";
import { loadStaticSite } from "./static-site.ts";

/** Undefined where they are turned off. Rejects where they were not built. */
export async function demoPagesOf({ web, listen, turn }: Config): Promise<HttpHandler | undefined> {
  if (!web.enabled) return undefined;
  return loadStaticSite({ directory: built(), connectTo: geoServices(turn), basePath: listen.basePath });
}

/**
 * Where the page may make the geo call, as sources of its policy: whatever host a provider may name. Edges that are not told
 * the address of a provider, since they never ask it, have its host among `geoHosts` or do without the call.
 */
export function geoServices({ providers }: Pick<Config["turn"], "providers">): readonly string[] {
  return providers.flatMap((provider) => {
    if (provider.type !== "spreed") return [];
    const { url, geoHosts } = provider;
    const own = url === undefined ? undefined : new URL(url);
    // The service itself only: plain http is for one on this machine.
    const local = own?.protocol === "http:" ? [`http://${own.host}`] : [];
    return [
      ...local,
      ...[...(own === undefined ? [] : [own.hostname]), ...geoHosts].map((host) => `https://${host}:*`),
    ];
  });
}

function built(): string {
  return dirname(fileURLToPath(import.meta.resolve("@heliograph/web/pages/index.html")));
}
