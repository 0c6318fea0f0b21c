// Members, sessions and nodes that tests of rooms know by one letter.
import type { MemberId, NodeId, SessionId } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseSessionId } from "@heliograph/protocol";

/** 22 characters, as sessions of the native protocol are. */
export function member(letter: string): MemberId {
  const parsed = parseMemberId(letter.repeat(22));
  if (!parsed.ok) throw new Error(letter);
  return parsed.value;
}

export function session(letter: string): SessionId {
  const parsed = parseSessionId(letter.repeat(22));
  if (!parsed.ok) throw new Error(letter);
  return parsed.value;
}

export function node(letter: string): NodeId {
  const parsed = parseNodeId(letter.repeat(22));
  if (!parsed.ok) throw new Error(letter);
  return parsed.value;
}
