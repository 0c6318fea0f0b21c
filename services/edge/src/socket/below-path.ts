// A handler that knows its own paths only, hung below another path.
import type { HttpHandler } from "./http.ts";
import { text } from "./http.ts";

/** Where it hangs is whoever hangs it there to say. `basePath` ends with a slash. */
export function belowPath(basePath: string, handler: HttpHandler): HttpHandler {
  if (basePath === "/") return handler;
  const base = basePath.slice(0, -1);
  return (request) => {
    if (!request.path.startsWith(basePath)) return undefined;
    return handler({
      method: request.method,
      path: request.path.slice(base.length),
      query: request.query,
      remoteAddress: request.remoteAddress,
      header: (name) => request.header(name),
      readBody: (maxBytes) => request.readBody(maxBytes),
    });
  };
}

/** The same, and who leaves the last slash out, as people do, is sent there. */
export function belowBase(basePath: string, handler: HttpHandler): HttpHandler {
  const below = belowPath(basePath, handler);
  return (request) => {
    if (basePath === "/" || request.path !== basePath.slice(0, -1)) return below(request);
    const query = request.query === "" ? "" : `?${request.query}`;
    return text(308, `It is at ${basePath}\n`, { location: `${basePath}${query}` });
  };
}
