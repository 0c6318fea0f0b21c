// Someone in a room, as the machine remembers it. Fixed fields: thousands of these stand in memory.
import type {
  Epoch,
  MemberId,
  MemberState,
  MemberView,
  Position,
  Profile,
  Role,
  SessionId,
} from "@heliograph/protocol";
import type { MemberCopy } from "./copy.ts";
import { Mark } from "./mark.ts";

export class Member {
  readonly id: MemberId;
  readonly session: SessionId;
  profile: Profile;
  role: Role;
  state: MemberState;
  /** Log time of the last change of `state`. */
  since: number;
  readonly grace: number;
  epoch: Epoch;
  readonly mark: Mark;
  readonly joined: Position;
  readonly marks: readonly string[];

  constructor(copy: MemberCopy) {
    this.id = copy.id;
    this.session = copy.session;
    this.profile = copy.profile;
    this.role = copy.role;
    this.state = copy.state;
    this.since = copy.since;
    this.grace = copy.grace;
    this.epoch = copy.epoch;
    this.mark = new Mark(copy.mark);
    this.joined = copy.joined;
    this.marks = copy.marks;
  }

  toCopy(): MemberCopy {
    const { id, session, profile, role, state, since, grace, epoch, joined, marks } = this;
    return { id, session, profile, role, state, since, grace, epoch, mark: this.mark.toCopy(), joined, marks };
  }

  view(): MemberView {
    return { id: this.id, profile: this.profile, role: this.role, state: this.state };
  }
}
