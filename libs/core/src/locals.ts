// The members of one room that this node speaks for.
import type { MemberId } from "@heliograph/protocol";
import type { Stay } from "./stay.ts";

/** Above this many a map finds them; below, walking the array is as quick and costs no memory. */
const small = 16;

export class Locals {
  #all: Stay[] = [];
  #byMember: Map<MemberId, Stay> | undefined;

  get size(): number {
    return this.#all.length;
  }

  get all(): readonly Stay[] {
    return this.#all;
  }

  get(member: MemberId): Stay | undefined {
    if (this.#byMember !== undefined) return this.#byMember.get(member);
    for (const stay of this.#all) if (stay.member === member) return stay;
    return undefined;
  }

  add(stay: Stay): void {
    stay.slot = this.#all.length;
    // Most rooms are small and there are many: a copy of the right size wastes no places, as a grown array does.
    if (this.#all.length < small) this.#all = [...this.#all, stay];
    else this.#all.push(stay);
    if (this.#byMember !== undefined) this.#byMember.set(stay.member, stay);
    else if (this.#all.length > small) this.#byMember = new Map(this.#all.map((each) => [each.member, each]));
  }

  remove(stay: Stay): void {
    const last = this.#all.at(-1);
    if (this.#all[stay.slot] !== stay || last === undefined) return;
    this.#all[stay.slot] = last;
    last.slot = stay.slot;
    this.#all.pop();
    stay.slot = -1;
    this.#byMember?.delete(stay.member);
    if (this.#byMember !== undefined && this.#all.length <= small / 2) this.#byMember = undefined;
  }
}
