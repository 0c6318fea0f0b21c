// POST /tokens: whether an access code is one of ours. It opens the page, not the server: sockets ask for none.
import type { HttpRequest, HttpResponse } from "../../../socket/http.ts";
import type { AccessCodes } from "./access-codes.ts";
import { failure, json } from "./answers.ts";
import { readForm } from "./fields.ts";

const mostLetters = 100;

/** `codes` undefined: there are none, so that none is right. */
export async function checkAccess(
  request: HttpRequest,
  codes: Pick<AccessCodes, "find"> | undefined,
): Promise<HttpResponse> {
  const fields = await readForm(request);
  if (!fields.ok) return fields.reason === "too_large" ? tooLarge() : { status: 400, headers: {}, body: "" };
  const said = fields.values.get("a") ?? "";
  if (said.length > mostLetters) return tooLarge();
  const token = await codes?.find(said);
  return token === undefined
    ? failure(403, "invalid_token", "this is no access code")
    : json(200, { token, success: true });
}

function tooLarge(): HttpResponse {
  return failure(413, "auth_too_large", "access codes are shorter");
}
