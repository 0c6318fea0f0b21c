// The demo pages that an edge serves beside its sockets, in a cluster and alone.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "@heliograph/config";
import type { HttpHandler } from "./socket/http.ts";
import { loadStaticSite } from "./static-site.ts";

/** Undefined where they are turned off. Rejects where they were not built. */
export async function demoPagesOf({ web, listen }: Config): Promise<HttpHandler | undefined> {
  if (!web.enabled) return undefined;
  return loadStaticSite({ directory: built(), connectTo: [], basePath: listen.basePath });
}

function built(): string {
  return dirname(fileURLToPath(import.meta.resolve("@heliograph/web/pages/index.html")));
}
