// The one thing a keeper listens for: questions after its health, over plain HTTP.

import { once } from "node:events";
import { createServer } from "node:http";
import type { Health } from "@heliograph/system";

export interface HealthListener {
  /** With its port, also where a free one was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

/** Rejects with Node's own error where the address cannot be listened on. */
export async function openHealthListener(
  listen: { readonly host: string; readonly port: number },
  health: Pick<Health, "answer">,
): Promise<HealthListener> {
  const server = createServer((request, response) => {
    const path = request.url?.replace(/\?.*/, "") ?? "";
    const asked = request.method === "GET" || request.method === "HEAD";
    const answer = asked ? health.answer(path) : undefined;
    if (answer === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
      response.end("A keeper answers GET /healthz and GET /readyz.\n");
      return;
    }
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
  // Nobody needs longer for such a question.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.listen(listen.port, listen.host);
  await once(server, "listening");
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : listen.port;
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return {
    address: `http://${host}:${port}/readyz`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      // Probes keep their connections open, and a keeper that ends waits for none of them.
      server.closeAllConnections();
      await closed;
    },
  };
}
