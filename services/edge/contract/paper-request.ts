// A request without a network, as strict as a listener's: it is taken back when the handler returns.
import { type Answer, answer, type Body, type HttpHandler } from "../src/socket/http.ts";

export interface Paper {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What the handler's listener would send. `faults` gets what the handler threw. */
export async function ask(handler: HttpHandler, paper: Paper, faults: unknown[] = []): Promise<Answer> {
  let lent = true;
  const answered = answer(
    handler,
    {
      method: paper.method,
      path: paper.path,
      query: paper.query ?? "",
      remoteAddress: "127.0.0.1",
      header: (name) => {
        if (!lent) throw new Error(`the header ${name} was read after the handler returned`);
        return paper.headers?.[name.toLowerCase()] || undefined;
      },
      readBody: (maxBytes) => {
        if (!lent) throw new Error("the body was asked for after the handler returned");
        const bytes = Buffer.from(paper.body ?? "");
        const body: Body = bytes.length > maxBytes ? { ok: false, reason: "too_large" } : { ok: true, bytes };
        return Promise.resolve(body);
      },
    },
    (error) => faults.push(error),
  );
  lent = false;
  return answered;
}

export function textOf({ body }: Pick<Answer, "body">): string {
  return Buffer.from(body).toString();
}

export function jsonOf(given: Pick<Answer, "body">): Record<string, unknown> {
  return JSON.parse(textOf(given));
}

export function headerOf({ headers }: Answer, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1];
}
