// Puts the picture that a native profile brings along on the shelf, and its address in the picture's place.
import type { Session } from "@heliograph/core";
import type { Command, Profile } from "@heliograph/protocol";
import { nativeAddress } from "./addresses.ts";
import type { PictureShelf } from "./picture-shelf.ts";
import { readPicture } from "./read-picture.ts";

type Bringing = Extract<Command, { type: "join" | "profile" }>;

/** What a command of a native client becomes; its `n` and room, where its picture is none. */
export type Shelved<C extends Command> =
  | { readonly ok: true; readonly command: C | Bringing }
  | { readonly ok: false; readonly n: number; readonly room: Bringing["room"] };

/** Addresses stay as they are: whoever sees the profile fetches from there. */
export function withPictureShelved<C extends Command>(
  command: C | Bringing,
  shelf: Pick<PictureShelf, "put">,
  session: Pick<Session, "id" | "origin">,
): Shelved<C> {
  if (command.type !== "join" && command.type !== "profile") return { ok: true, command };
  const { n, room, profile } = command;
  if (profile.picture?.startsWith("data:") !== true) return { ok: true, command };
  const picture = readPicture(profile.picture);
  if (picture === undefined) return { ok: false, n, room };
  const shown = shelf.put(session.origin.realm, session.id, picture);
  const { picture: _, ...rest }: Profile = profile;
  return {
    ok: true,
    command: { ...command, profile: shown === undefined ? rest : { ...rest, picture: nativeAddress(shown) } },
  };
}
