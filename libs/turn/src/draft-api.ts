// TURN logins for SFUs by the TURN REST draft (draft-uberti-behave-turn-rest-00), as one function from a query to an answer.

import { createHash, timingSafeEqual } from "node:crypto";
import { createJsonCodec } from "@heliograph/codec";
import type { Random } from "@heliograph/core";
import type { SecretSource } from "./providers/secret.ts";
import type { Secret } from "./secret.ts";
import { chooseZone } from "./zone-choice.ts";
import type { ZoneHealth } from "./zone-health.ts";
import { offeredZones } from "./zones-offered.ts";

export interface DraftApiParts {
  /** Of those who may ask; any one of them opens. */
  readonly keys: readonly Secret[];
  /** Signs the logins; undefined: there is no coturn of our own. */
  readonly source: Pick<SecretSource, "id" | "loginFor" | "loginTagged" | "ttl" | "zones"> | undefined;
  readonly maxUrls: number;
  readonly health: ZoneHealth;
  readonly region?: string;
  readonly random: Pick<Random, "bytes">;
}

export interface DraftAnswer {
  readonly status: 200 | 400 | 403 | 404 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const json = createJsonCodec({ maxBytes: 0, maxDepth: 0, maxKeys: 0 });
const text = new TextEncoder();
const tagBytes = 16;

/**
 * Answers `GET /turn/credentials?service=turn&key=…[&username=…]`. 400: another service, or no key (also taken as `api`).
 * 403: a wrong key. 404: no TURN. 503: none now. Statuses are those of Nextcloud's signaling server, so that a Janus pointed
 * here needs no change. Nothing in an answer but its login is secret, and no answer repeats what was asked.
 */
export function answerDraftApi(query: URLSearchParams, parts: DraftApiParts): DraftAnswer {
  if (query.get("service") !== "turn") return refusal(400, "service must be turn");
  const key = query.get("key") ?? query.get("api") ?? "";
  if (key === "") return refusal(400, "key is missing");
  if (!opens(key, parts.keys)) return refusal(403, "wrong key");

  const { source, health, region, random } = parts;
  if (source === undefined) return refusal(404, "no TURN");
  const zone = chooseZone(offeredZones(source.zones, parts.maxUrls), "auto", {
    region,
    geo: false,
    failing: (id) => health.failing(source.id, id),
  });
  const name = query.get("username") ?? "";
  // No realm and no session has a slash, so nobody shares a quota with an SFU by being called like it.
  const login =
    name === ""
      ? source.loginTagged(Buffer.from(random.bytes(tagBytes)).toString("base64url"))
      : source.loginFor(`sfu/${name}`);
  if (zone === undefined || login === undefined) return refusal(503, "no TURN now");

  const { username, password } = login;
  return answer(200, "application/json", json.encode({ username, password, ttl: source.ttl, uris: zone.urls }));
}

/** Takes equally long whichever key is wrong and where: digests are compared, and all of them. */
function opens(key: string, keys: readonly Secret[]): boolean {
  const shown = digest(key);
  let found = false;
  for (const own of keys) found = timingSafeEqual(shown, digest(own.reveal())) || found;
  return found;
}

function digest(value: string): Uint8Array {
  return createHash("sha256").update(value).digest();
}

function refusal(status: Exclude<DraftAnswer["status"], 200>, why: string): DraftAnswer {
  return answer(status, "text/plain; charset=utf-8", text.encode(`${why}\n`));
}

function answer(status: DraftAnswer["status"], type: string, body: Uint8Array): DraftAnswer {
  return { status, headers: { "content-type": type, "cache-control": "no-store" }, body };
}
