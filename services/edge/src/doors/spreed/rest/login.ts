// PATCH /sessions/{id}/: a client proves its user, and gets the nonce with which its connection becomes that user's.
import type { Clock } from "@heliograph/core";
import { parseSessionId } from "@heliograph/protocol";
import type { HttpRequest, HttpResponse } from "../../../socket/http.ts";
import type { Credentials } from "../credentials.ts";
import type { LoginNonces } from "../login-nonces.ts";
import type { Users } from "../users.ts";
import { failure, json } from "./answers.ts";
import { readJson } from "./fields.ts";
import type { LoginDesk, LoginRefusal } from "./login-desk.ts";

export interface LoginParts {
  readonly users: Pick<Users, "named" | "prove">;
  readonly credentials: Pick<Credentials, "isPair">;
  readonly nonces: Pick<LoginNonces, "issue">;
  readonly desk: LoginDesk;
  readonly clock: Pick<Clock, "now">;
  readonly refused: (what: "login", why: LoginRefusal) => void;
}

/** `pathId`: the session as the path says it. One answer for all that may be wrong, so that nobody learns what was right. */
export async function logIn(request: HttpRequest, pathId: string, parts: LoginParts): Promise<HttpResponse> {
  const { users, credentials, nonces, desk, clock } = parts;
  const refuse = (why: LoginRefusal): HttpResponse => {
    parts.refused("login", why);
    return failure(403, "session_patch_failed", "the session is not there, or this is not its login");
  };
  // Before the first await: requests are the listener's again then.
  const named = users.named((name) => request.header(name));
  const fields = await readJson(request);
  if (!fields.ok) {
    return fields.reason === "too_large"
      ? failure(413, "session_patch_failed", "the body is too long")
      : refuse("body");
  }
  const said = (name: string): string => fields.values.get(name) ?? "";
  const now = clock.now();
  // All is looked at, whatever is wrong already, so that durations tell nothing of who is who.
  const pair = credentials.isPair(said("id"), said("sid"));
  const proven = users.prove({ combo: said("useridcombo"), secret: said("secret"), named }, now);
  const session = parseSessionId(said("id"));
  // But the cluster is troubled only by those who hold the session's secret: anybody may send requests.
  const waiting = pair && session.ok && (await desk.awaitsLogin(session.value));
  if (pathId !== said("id")) return refuse("path");
  if (!pair || !session.ok) return refuse("pair");
  if (!proven.ok) return refuse(proven.why);
  const { userid } = proven;
  const nonce = nonces.issue({ session: session.value, userid }, now);
  if (!waiting || !(await desk.bring(session.value, nonce))) return refuse("session");
  return json(200, { nonce, userid, success: true });
}
