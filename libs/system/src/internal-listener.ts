// A small listener over plain HTTP for the operator's own machines: health, metrics, and logins for SFUs.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:http";

export interface InternalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Undefined: this path is not its own. Neither throws nor rejects but by a fault of ours. */
export type InternalPage = (
  path: string,
  query: URLSearchParams,
) => InternalAnswer | undefined | Promise<InternalAnswer | undefined>;

export interface InternalListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Asked one after the other; the first that answers is it. */
  readonly pages: readonly InternalPage[];
  /** What whoever asks for something else is told, in a sentence. */
  readonly says: string;
  readonly onError: (error: unknown) => void;
}

export interface InternalListener {
  /** Without a path; with its port, also where a free one was asked for. */
  readonly address: string;
  close(): Promise<void>;
}

/** Answers GET and HEAD. Rejects with Node's own error where the address cannot be listened on. */
export async function openInternalListener(options: InternalListenerOptions): Promise<InternalListener> {
  const { host, port, pages, says, onError } = options;
  const server = createServer((request, response) => {
    // What comes behind may hold a key: it goes to the page and nowhere else.
    const [path = "", query = ""] = split(request.url ?? "");
    const asked = request.method === "GET" || request.method === "HEAD";
    const nothing: InternalAnswer = { status: 404, headers: plain, body: `${says}\n` };
    const answered = asked ? firstOf(pages, path, new URLSearchParams(query)) : Promise.resolve(undefined);
    answered.then(
      (answer) => write(response, answer ?? nothing),
      (error: unknown) => {
        onError(error);
        write(response, { status: 500, headers: plain, body: "a fault; the log says which\n" });
      },
    );
  });
  // Nobody needs longer for such a question.
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  server.listen(port, host);
  await once(server, "listening");
  server.on("error", onError);
  const bound = server.address();
  const own = typeof bound === "object" && bound !== null ? bound.port : port;
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${own}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      // Probes and scrapers keep their connections open, and a process that ends waits for none of them.
      server.closeAllConnections();
      await closed;
    },
  };
}

const plain = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

async function firstOf(
  pages: readonly InternalPage[],
  path: string,
  query: URLSearchParams,
): Promise<InternalAnswer | undefined> {
  for (const page of pages) {
    const answer = await page(path, query);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function write(response: ServerResponse, { status, headers, body }: InternalAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}

function split(url: string): readonly string[] {
  const at = url.indexOf("?");
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}
