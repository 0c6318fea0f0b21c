// Requests to the REST API as clients of Spreed WebRTC send them, and the logins that an outside service would make.
import { createHmac } from "node:crypto";
import type { SpreedClient } from "./client.ts";

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** @param path after the dialect's base */
export async function rest(base: string, path: string, init: RequestInit = {}): Promise<RestAnswer> {
  const answer = await fetch(`${base}${path}`, { redirect: "manual", ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

export const usersSecret = "the secret of the users";

/** Valid for a minute from now unless told otherwise, in seconds since 1970. */
export function loginOf(userid: string, expiry = Math.floor(Date.now() / 1_000) + 60, secret = usersSecret) {
  const useridcombo = `${expiry}:${userid}`;
  return { useridcombo, secret: createHmac("sha256", secret).update(useridcombo).digest("base64") };
}

export interface Patch {
  readonly id: string;
  readonly sid: string;
  readonly useridcombo: string;
  readonly secret: string;
}

export function patchSession(
  base: string,
  body: Patch,
  { pathId = body.id, headers = {} }: { readonly pathId?: string; readonly headers?: Record<string, string> } = {},
): Promise<RestAnswer> {
  return rest(base, `api/v1/sessions/${pathId}/`, {
    method: "PATCH",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** A nonce for the session, asked for at `base`. */
export async function nonceFor(base: string, client: SpreedClient, userid: string): Promise<string> {
  const answer = await patchSession(base, { id: client.id, sid: client.sid, ...loginOf(userid) });
  if (answer.status !== 200) throw new Error(`no nonce: ${answer.status} ${answer.text}`);
  return String(answer.json?.["nonce"]);
}

/** The session becomes that user's; what answers its Authentication. */
export async function logIn(base: string, client: SpreedClient, userid: string) {
  const Nonce = await nonceFor(base, client, userid);
  const answer = await client.ask("Authentication", { Userid: userid, Nonce });
  if (answer.Data["Userid"] !== userid) throw new Error(`not logged in: ${JSON.stringify(answer)}`);
  return answer;
}
