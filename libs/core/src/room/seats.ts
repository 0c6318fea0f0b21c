// The members of a room in the order of their joins.
import type { MemberId } from "@heliograph/protocol";
import type { Member } from "./member.ts";

/**
 * Up to here looking through the list costs less than a map does. Measured with a signal's two look-ups, CPU time of
 * `apply`: 0.15 µs against 0.22 at 4 members, equal at about 12, 0.37 against 0.21 at 32.
 */
const small = 12;

export class Seats {
  readonly #list: Member[] = [];
  #byId: Map<MemberId, Member> | undefined;

  get size(): number {
    return this.#list.length;
  }

  get(id: MemberId): Member | undefined {
    if (this.#byId !== undefined) return this.#byId.get(id);
    for (const member of this.#list) if (member.id === id) return member;
    return undefined;
  }

  /** At the end: the latest to join. */
  add(member: Member): void {
    this.#list.push(member);
    if (this.#byId !== undefined) this.#byId.set(member.id, member);
    else if (this.#list.length > small) this.#byId = new Map(this.#list.map((seated) => [seated.id, seated]));
  }

  remove(member: Member): void {
    const place = this.#list.indexOf(member);
    if (place < 0) return;
    this.#list.splice(place, 1);
    // Half of the bound, so that a room that breathes around it does not build maps all day.
    if (this.#list.length <= small / 2) this.#byId = undefined;
    else this.#byId?.delete(member.id);
  }

  all(): readonly Member[] {
    return this.#list;
  }
}
