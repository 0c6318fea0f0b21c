// POST /rooms: a name that nobody has guessed. Nothing is created: the first who joins does that.
import type { Random } from "@heliograph/core";
import type { HttpResponse } from "../../../socket/http.ts";
import { json } from "./answers.ts";

const letters = 11;
const lower = "0123456789abcdefghijklmnopqrstuvwxyz";
const both = `${lower}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;

export function newRoom(random: Pick<Random, "bytes">, caseSensitive: boolean): HttpResponse {
  const name = roomName(random, caseSensitive ? both : lower);
  return json(200, { name, url: `/${name}` });
}

function roomName(random: Pick<Random, "bytes">, alphabet: string): string {
  // Bytes from here on would make the first letters likelier than the others.
  const fair = 256 - (256 % alphabet.length);
  let name = "";
  while (name.length < letters) {
    for (const byte of random.bytes(letters)) {
      if (byte < fair && name.length < letters) name += alphabet.charAt(byte % alphabet.length);
    }
  }
  return name;
}
