// What the status and the head of an answer say before anybody reads its body (spec 1.6).
import type { FetchFailed, FetchThrottled } from "../provider.ts";
import { readRetryAfter } from "./retry-after.ts";

export interface AnswerHead {
  readonly status: number;
  /** One value of a header, by its name in lower case. */
  header(name: string): string | undefined;
}

/** Undefined: the body is worth reading. */
export function verdictOn({ status, header }: AnswerHead, now: number): FetchFailed | FetchThrottled | undefined {
  const why = `status ${status}`;
  if (status === 429 || (status === 503 && header("retry-after") !== undefined)) {
    const wait = readRetryAfter(header("retry-after"), now);
    return { class: "throttled", why, ...(wait === undefined ? {} : { wait }) };
  }
  if (status === 408 || status === 425 || (status >= 500 && status <= 599)) return { class: "transient", why };
  if (status >= 400 && status <= 499) return { class: "refused", why };
  // It would carry the key away.
  if (status >= 300 && status <= 399) return { class: "bad", why: `${why}: redirects are not followed` };
  if (status !== 200 && status !== 201) return { class: "bad", why };
  return isJson(header("content-type")) ? undefined : { class: "bad", why: `${why}: not a JSON media type` };
}

function isJson(header: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json$/i.test((header ?? "").split(";", 1)[0]?.trim() ?? "");
}
