// What one member heard of another, as words in the order in which they came.
import type { TestMember } from "../kit/member.ts";

export function changesOf(of: string, heardBy: TestMember): readonly string[] {
  return heardBy.members
    .filter((event) => ("member" in event ? event.member.id : "id" in event ? event.id : "") === of)
    .map(({ change }) => change);
}
