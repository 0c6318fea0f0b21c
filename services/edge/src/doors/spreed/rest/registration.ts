// POST /users: makes a user of a session that has none, and gives it what proves that user from now on.
import type { Clock } from "@heliograph/core";
import { parseSessionId } from "@heliograph/protocol";
import type { HttpRequest, HttpResponse } from "../../../socket/http.ts";
import type { Credentials } from "../credentials.ts";
import type { LoginNonces } from "../login-nonces.ts";
import type { Users } from "../users.ts";
import { failure, json } from "./answers.ts";
import { contentType, type Fields, readForm, readJson } from "./fields.ts";
import type { LoginDesk, LoginRefusal } from "./login-desk.ts";

export interface RegistrationParts {
  readonly users: Pick<Users, "register">;
  readonly credentials: Pick<Credentials, "isPair">;
  readonly nonces: Pick<LoginNonces, "issue">;
  readonly desk: LoginDesk;
  readonly clock: Pick<Clock, "now">;
  readonly refused: (what: "registration", why: LoginRefusal) => void;
}

/** Nobody is logged in by it: the client sends the nonce as any other. */
export async function register(request: HttpRequest, parts: RegistrationParts): Promise<HttpResponse> {
  const refuse = (status: number, code: string, message: string, why: LoginRefusal): HttpResponse => {
    parts.refused("registration", why);
    return failure(status, code, message);
  };
  const reading = readFields(request);
  if (reading === undefined) return refuse(400, "users_invalid_request", "send JSON or a form", "body");
  const fields = await reading;
  if (!fields.ok) {
    const status = fields.reason === "too_large" ? 413 : 400;
    return refuse(status, "users_bad_request", "the body cannot be read", "body");
  }
  const { users, credentials, nonces, desk, clock } = parts;
  const [id, sid] = [fields.values.get("id") ?? "", fields.values.get("sid") ?? ""];
  if (id === "" || sid === "") return refuse(400, "users_bad_request", "id and sid are needed", "body");
  const session = parseSessionId(id);
  if (!credentials.isPair(id, sid) || !session.ok) {
    return refuse(403, "users_invalid_session", "no session has this id and sid", "pair");
  }
  const failed = "the session is not connected, or is a user already";
  if (!(await desk.awaitsLogin(session.value))) return refuse(400, "users_request_failed", failed, "session");
  const now = clock.now();
  const given = users.register(now);
  if (given === undefined) return refuse(400, "users_create_failed", "nobody is registered here", "malformed");
  const { userid, combo, secret, expiry } = given;
  const nonce = nonces.issue({ session: session.value, userid }, now);
  if (!(await desk.bring(session.value, nonce))) return refuse(400, "users_request_failed", failed, "session");
  return json(200, { nonce, userid, useridcombo: combo, secret, timestamp: expiry, success: true });
}

/** Undefined: a body of another kind. */
function readFields(request: HttpRequest): Promise<Fields> | undefined {
  switch (contentType(request)) {
    case "application/json":
      return readJson(request);
    case "application/x-www-form-urlencoded":
      return readForm(request);
    default:
      return undefined;
  }
}
