// What the REST API answers with: indented JSON, and errors in its own form.
import type { HttpResponse } from "../../../socket/http.ts";
import { text } from "../../../socket/http.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

type Headers = Readonly<Record<string, string>>;

/** Answers hold logins and names of rooms: no proxy keeps them, and no browser takes them for something else. */
const common: Headers = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export function json(status: number, value: Json, headers: Headers = {}): HttpResponse {
  return { status, headers: { ...common, ...headers }, body: `${JSON.stringify(value, undefined, 2)}\n` };
}

/** `message` is for whoever debugs a client: never a part of what was sent, and nothing secret. */
export function failure(status: number, code: string, message: string): HttpResponse {
  return json(status, { code, message, success: false });
}

export function notFound(): HttpResponse {
  return text(404, "404 page not found\n");
}

/** RFC 9110, 15.5.6: the methods there are go with it. */
export function wrongMethod(allow: string): HttpResponse {
  return { status: 405, headers: { allow }, body: "" };
}
