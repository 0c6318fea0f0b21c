// SDK clients in rooms: who they are, and which nodes have said welcome to each.
import type { MemberOptions } from "../kit/member.ts";
import { newClient, TestMember } from "../kit/member.ts";

export class Guests {
  readonly all: TestMember[] = [];
  readonly #nodes = new WeakMap<TestMember, readonly string[]>();

  /** One that is in the room, and tries these addresses in turn. */
  async member(
    places: readonly { readonly url: string }[],
    room: string,
    options: MemberOptions = {},
  ): Promise<TestMember> {
    const client = newClient(
      places.map(({ url }) => url),
      options,
    );
    const nodes: string[] = [];
    client.on("welcome", ({ node }) => nodes.push(node));
    await client.connect();
    const member = await TestMember.with(client, room);
    this.all.push(member);
    this.#nodes.set(member, nodes);
    return member;
  }

  /** The nodes that have said welcome to this member, one after the other. */
  nodesOf(member: TestMember): readonly string[] {
    return this.#nodes.get(member) ?? [];
  }

  /** They go without a word more. */
  end(): void {
    for (const member of this.all.splice(0)) member.close();
  }
}
