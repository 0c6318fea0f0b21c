// How members come, go and change, in the words of Spreed readers.
import type { MemberChange, MemberView, ModerateAction } from "@heliograph/protocol";
import type { Own } from "./own.ts";
import type { JoinedDocument, LeftDocument, StatusDocument } from "./told.ts";
import { writeJoined, writeLeft, writeStatus } from "./told.ts";

export type PresenceDocument = JoinedDocument | StatusDocument | LeftDocument;

/** Undefined: these clients are not told, as of a member whose connection is lost, and may come back. */
export function presenceOf(change: MemberChange, own: (member: MemberView) => Own): PresenceDocument | undefined {
  switch (change.change) {
    case "joined":
      return writeJoined(change.member.id, own(change.member));
    case "updated":
      return writeStatus(change.member.id, own(change.member));
    case "left":
      return writeLeft(change.id, change.why === "lost" ? "hard" : "soft");
    case "back":
    case "away":
    case "count":
      return undefined;
    default:
      return change satisfies never;
  }
}

/** Undefined: the dialect has no word for it. The one who is removed is told it of itself, by its own door. */
export function moderationOf(action: ModerateAction): LeftDocument | undefined {
  switch (action.action) {
    case "remove":
    case "ban":
      return writeLeft(action.member, "soft");
    case "unban":
    case "mute":
    case "role":
      return undefined;
    default:
      return action satisfies never;
  }
}
