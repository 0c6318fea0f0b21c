// The REST API of the Spreed WebRTC door: which request is whose.
import type { Clock, Random } from "@heliograph/core";
import type { OriginPolicy } from "../../../origin-policy.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../../../socket/http.ts";
import type { Credentials } from "../credentials.ts";
import type { LoginNonces } from "../login-nonces.ts";
import type { Users } from "../users.ts";
import { checkAccess } from "./access.ts";
import type { AccessCodes } from "./access-codes.ts";
import { failure, notFound, wrongMethod } from "./answers.ts";
import { type ConfigPage, configPage } from "./config-page.ts";
import { discovery, type Outside } from "./discovery.ts";
import { logIn } from "./login.ts";
import type { LoginDesk, LoginRefusal } from "./login-desk.ts";
import { newRoom } from "./new-room.ts";
import { register } from "./registration.ts";
import { type Statistics, statistics } from "./statistics.ts";

export interface RestParts {
  readonly page: ConfigPage;
  readonly outside: Outside;
  /** Which pages may ask for what changes something. */
  readonly origins: Pick<OriginPolicy, "refusal">;
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  readonly credentials: Credentials;
  readonly nonces: LoginNonces;
  readonly desk: LoginDesk;
  /** Undefined: nobody logs in, and what is for that is not served. */
  readonly users: Users | undefined;
  readonly accessCodes: AccessCodes | undefined;
  /** Undefined: the numbers are not served. */
  readonly statistics: Statistics | undefined;
  readonly refused: (what: "login" | "registration" | "origin", why: LoginRefusal | "foreign") => void;
}

const api = "/api/v1";

/**
 * Serves `/api/…` and the discovery below the door's path, which has been taken off. Unlike the original's, what is not
 * there is 404 and no page. A new one is made from new parts when the configuration is read again.
 */
export function createRest(parts: RestParts): HttpHandler {
  return (request) => {
    const { path } = request;
    if (path === "/.well-known/spreed-configuration") {
      return reading(request, () => discovery(request, parts.outside));
    }
    if (path !== "/api" && !path.startsWith("/api/")) return undefined;
    return path.startsWith(`${api}/`) ? ofApi(request, path.slice(api.length), parts) : notFound();
  };
}

function ofApi(request: HttpRequest, path: string, parts: RestParts): HttpResponse | Promise<HttpResponse> {
  const { page, users, statistics: source } = parts;
  const session = /^\/sessions\/([^/]+)\/?$/.exec(path)?.[1];
  if (session !== undefined && users !== undefined) {
    return changing(request, "PATCH", parts, () => logIn(request, decoded(session), { ...parts, users }));
  }
  switch (path) {
    case "/config":
      return reading(request, () => configPage(page));
    case "/rooms":
      return changing(request, "POST", parts, () => newRoom(parts.random, page.caseSensitiveRooms));
    case "/tokens":
      return changing(request, "POST", parts, () => checkAccess(request, parts.accessCodes));
    case "/users":
      if (users === undefined || !page.registration) return notFound();
      return changing(request, "POST", parts, () => register(request, { ...parts, users }));
    case "/stats":
      return source === undefined ? notFound() : reading(request, () => statistics(source, process.memoryUsage()));
    default:
      return notFound();
  }
}

type Answer = () => HttpResponse | Promise<HttpResponse>;

function reading({ method }: HttpRequest, answer: Answer): HttpResponse | Promise<HttpResponse> {
  return method === "GET" || method === "HEAD" ? answer() : wrongMethod("GET, HEAD");
}

/** Browsers name the page behind every request of this kind, so a foreign page gets nothing done by its visitors. */
function changing(
  request: HttpRequest,
  method: "POST" | "PATCH",
  { origins, refused }: RestParts,
  answer: Answer,
): HttpResponse | Promise<HttpResponse> {
  if (request.method !== method) return wrongMethod(method);
  if (origins.refusal(request.header("origin"), request.header("host")) === undefined) return answer();
  refused("origin", "foreign");
  return failure(403, "foreign_origin", "pages of this origin may not ask for it");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Broken escapes are no session's id, and this text is none either.
    return "";
  }
}
