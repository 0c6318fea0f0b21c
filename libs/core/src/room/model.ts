// The room machine once more in its plainest form, for tests only: values that never change, lists, no shortcuts.
import type { Epoch, MemberId, Position, Profile, Reason, SessionId } from "@heliograph/protocol";
import { compareEpochs, memberOfSession } from "@heliograph/protocol";
import type { SettingsCopy } from "./copy.ts";
import type { Effect } from "./effect.ts";
import type { Entry, JoinEntry, SaidEntry, SettingsEntryChange } from "./entry.ts";
import { isEarlier, newSettings, type PlainMember, type PlainRoom, plainOf } from "./plain-room.ts";

/** An effect with members named instead of shown. */
export interface PlainEffect {
  readonly type: Effect["type"];
  readonly reason?: Reason | undefined;
  readonly member?: MemberId | undefined;
  readonly was?: Epoch | undefined;
  readonly fromAway?: boolean | undefined;
  readonly why?: string | undefined;
  readonly successor?: MemberId | undefined;
  readonly removed?: readonly { readonly key: string; readonly version: number }[] | undefined;
  readonly emptied?: boolean | undefined;
  readonly version?: number | undefined;
}

/** What is left of a room that is over. */
const asNew = { settings: newSettings, data: [], bans: [], emptied: null };
const mostLinger = 60 * 60 * 1000;

type Step = readonly [PlainRoom, PlainEffect];

/** `owner`: whose personal channel the room is. */
export function plainApply(room: PlainRoom, entry: Entry, at: Position, logLife: number, owner?: SessionId): Step {
  const departed = room.departed.filter(({ left }) => left >= at.time - logLife);
  const over = room.emptied !== null && at.time >= room.emptied + (room.settings.linger ?? 0);
  const remembering = { ...room, ...(over ? asNew : {}), at, departed };
  const [after, effect] = decide(remembering, entry, at, owner);
  if (effect.type === "adopted") return [after, effect];
  return [{ ...after, history: [...room.history, { at, heard: isHeard(effect) }] }, effect];
}

function isHeard(effect: PlainEffect): boolean {
  if (effect.type === "back") return effect.fromAway === true;
  const unheard = ["none", "unknown_kind", "refused", "repeated", "answered_again", "kept", "upgraded"];
  return !unheard.includes(effect.type);
}

function decide(room: PlainRoom, entry: Entry, at: Position, owner: SessionId | undefined): Step {
  switch (entry.kind) {
    case "letter": {
      const to = room.members.find(({ id }) => owner !== undefined && id === memberOfSession(owner));
      const known = room.letters.some(({ by, count }) => by === entry.by && count >= entry.count);
      if (room.rules < 2 || to === undefined || known) return [room, { type: "none" }];
      const letters = [...room.letters, { by: entry.by, count: entry.count }];
      return [
        { ...room, letters },
        { type: "letter", member: to.id },
      ];
    }
    case "join":
      return join(room, entry, at);
    case "away": {
      const member = room.members.find(({ id }) => id === entry.member);
      if (!member || compareEpochs(member.epoch, entry.epoch) !== 0 || member.state === "away") {
        return [room, { type: "none" }];
      }
      return [change(room, member.id, { state: "away", since: at.time }), { type: "away", member: member.id }];
    }
    case "back": {
      const member = room.members.find(({ id, session }) => id === entry.member && session === entry.session);
      if (!member) return refused(room, "expired");
      if (compareEpochs(entry.epoch, member.epoch) < 0) return refused(room, "superseded");
      return takeOver(room, member, entry.epoch, at);
    }
    case "left": {
      const member = room.members.find(({ id }) => id === entry.member);
      const isGone =
        member !== undefined &&
        compareEpochs(member.epoch, entry.epoch) === 0 &&
        member.state === "away" &&
        at.time - member.since >= member.grace;
      if (!isGone) return [room, { type: "none" }];
      const [after, farewell] = leave(room, member, at);
      return [after, { type: "left", member: member.id, why: "lost", ...farewell }];
    }
    case "keep":
      return [room, { type: "kept" }];
    case "adopt": {
      const { copy } = entry;
      const last = room.adopted?.at;
      if (last !== undefined && isEarlier(copy.at, last)) return [room, { type: "none" }];
      const reborn = copy.at.seq > at.seq || (copy.at.seq === at.seq && copy.at.index >= at.index);
      return [plainOf(copy, at, reborn), { type: "adopted" }];
    }
    case "upgrade":
      if (entry.rules <= room.rules) return [room, { type: "none" }];
      return [{ ...room, rules: entry.rules }, { type: "upgraded" }];
    case "leave":
    case "signal":
    case "broadcast":
    case "profile":
    case "data":
    case "settings":
    case "moderate":
      return say(room, entry, at);
    default:
      entry satisfies never;
      return [room, { type: "unknown_kind" }];
  }
}

function refused(room: PlainRoom, reason: Reason): Step {
  return [room, { type: "refused", reason }];
}

function change(room: PlainRoom, id: MemberId, to: Partial<PlainMember>): PlainRoom {
  return { ...room, members: room.members.map((member) => (member.id === id ? { ...member, ...to } : member)) };
}

function join(room: PlainRoom, entry: JoinEntry, at: Position): Step {
  const member = room.members.find(({ id }) => id === entry.from);
  if (member) {
    if (member.session !== entry.session) return refused(room, "forbidden");
    if (compareEpochs(entry.epoch, member.epoch) < 0) return refused(room, "superseded");
    return takeOver(room, member, entry.epoch, at);
  }
  const departed = room.departed.find(({ id }) => id === entry.from);
  if (departed && compareEpochs(entry.epoch, departed.epoch) <= 0) return refused(room, "superseded");
  const mine = room.rules >= 2 ? entry.opening : undefined;
  if (room.rules >= 2 && (entry.profile.own?.bytes.length ?? 0) > 16 * 1024) return refused(room, "too_large");
  if (mine?.linger !== undefined && !isLinger(mine.linger)) return refused(room, "malformed");
  const words = [entry.session as string, ...entry.marks];
  for (const ban of room.bans) {
    if (ban.member === entry.from || ban.session === entry.session) return refused(room, "banned");
    if (ban.marks.some((mark) => words.slice(1).includes(mark))) return refused(room, "banned");
  }
  const isOver = room.members.length === 0 && room.settings.type === "adhoc" && room.emptied === null;
  const opens = isOver && mine !== undefined;
  const opened: SettingsCopy = {
    ...newSettings,
    pin: mine?.pin ?? null,
    ...(mine?.linger ? { linger: mine.linger } : {}),
  };
  const settings = opens ? opened : room.settings;
  const { locked, pin, capacity } = settings;
  if (!entry.exempt) {
    if (locked) return refused(room, "locked");
    if (!pin && entry.exactPin && room.rules >= 2) return refused(room, "pin_not_needed");
    if (pin && !opens && entry.proof === undefined) return refused(room, "pin_required");
    if (pin && !opens && entry.proof !== pin.proof) return refused(room, "pin_wrong");
    if (capacity !== 0 && room.members.length >= capacity) return refused(room, "full");
  }
  const asked =
    entry.role === "moderator" || entry.role === "participant" || entry.role === "viewer" ? entry.role : null;
  const joined: PlainMember = {
    id: entry.from,
    session: entry.session,
    profile: present(room, entry.profile),
    role: asked ?? (room.members.length === 0 ? "moderator" : "participant"),
    state: "present",
    since: at.time,
    grace: entry.grace,
    epoch: entry.epoch,
    said: departed?.said ?? [],
    joined: at,
    marks: entry.marks,
  };
  const after = {
    ...room,
    settings,
    emptied: null,
    members: [...room.members, joined],
    departed: room.departed.filter(({ id }) => id !== entry.from),
  };
  return [after, { type: "joined", member: entry.from }];
}

function present(room: PlainRoom, profile: Profile): Profile {
  const { own, ...others } = profile;
  return own === undefined || room.rules >= 2 ? profile : others;
}

function isLinger(linger: number): boolean {
  return Number.isInteger(linger) && linger >= 0 && linger <= mostLinger;
}

function takeOver(room: PlainRoom, member: PlainMember, epoch: Epoch, at: Position): Step {
  if (compareEpochs(member.epoch, epoch) === 0) return [room, { type: "answered_again", member: member.id }];
  const fromAway = member.state === "away";
  const state = fromAway ? { state: "present" as const, since: at.time } : {};
  const effect: PlainEffect = { type: "back", member: member.id, was: member.epoch, fromAway };
  return [change(room, member.id, { epoch, ...state }), effect];
}

/** "refused" with a reason, or undefined when it counts. */
function whyNot(room: PlainRoom, entry: SaidEntry): Reason | "repeated" | undefined {
  const sender = room.members.find(({ id }) => id === entry.from);
  if (!sender) {
    const departed = room.departed.find(({ id }) => id === entry.from);
    return departed && compareEpochs(departed.epoch, entry.epoch) > 0 ? "superseded" : "not_a_member";
  }
  if (compareEpochs(sender.epoch, entry.epoch) !== 0) return "superseded";
  if (!(Number.isInteger(entry.n) && entry.n > 0)) return "malformed";
  const highest = Math.max(0, ...sender.said);
  if (entry.n < highest - 64) return "unknown";
  if (entry.n <= highest) return sender.said.includes(entry.n) ? "repeated" : "retry";
  const allowed = {
    moderator: ["leave", "signal", "broadcast", "profile", "data", "settings", "moderate"],
    participant: ["leave", "signal", "broadcast", "profile", "data"],
    viewer: ["leave", "signal", "profile"],
  }[sender.role];
  if (!allowed.includes(entry.kind)) return "forbidden";
  const isIn = (id: MemberId): boolean => room.members.some((member) => member.id === id);
  switch (entry.kind) {
    case "profile":
      return room.rules >= 2 && (entry.profile.own?.bytes.length ?? 0) > 16 * 1024 ? "too_large" : undefined;
    case "signal":
      return isIn(entry.to) ? undefined : "unknown_peer";
    case "data": {
      const now = room.data.find(({ key }) => key === entry.key);
      if (now?.owner && now.owner !== entry.from && sender.role !== "moderator") return "forbidden";
      if (entry.ifVersion !== undefined && entry.ifVersion !== (now?.version ?? 0)) return "conflict";
      if (!entry.value) return undefined;
      const others = room.data.filter(({ key }) => key !== entry.key);
      const bytes = others.reduce((sum, { value }) => sum + value.bytes.length, entry.value.bytes.length);
      const isTooLarge = entry.value.bytes.length > 64 * 1024 || bytes > 1024 * 1024 || others.length >= 256;
      return isTooLarge ? "too_large" : undefined;
    }
    case "settings": {
      const { capacity = 0, type = "adhoc", presence = "full" } = entry.change;
      const isSound =
        Number.isInteger(capacity) &&
        capacity >= 0 &&
        ["adhoc", "standing"].includes(type) &&
        ["full", "count", "none"].includes(presence) &&
        (room.rules < 2 || isLinger(entry.change.linger ?? 0));
      return isSound ? undefined : "malformed";
    }
    case "moderate": {
      const { action, member } = entry.action;
      const toSelf = member === entry.from;
      if (action === "unban") return undefined;
      if (action === "ban") return toSelf ? "forbidden" : undefined;
      if (action === "remove" && toSelf) return "forbidden";
      if (action === "role") {
        if (!["moderator", "participant", "viewer"].includes(entry.action.role)) return "malformed";
        const moderators = room.members.filter(({ role }) => role === "moderator").length;
        const isLast = toSelf && moderators === 1 && room.members.length > 1;
        if (isLast && entry.action.role !== "moderator") return "forbidden";
      }
      if (!["remove", "mute", "role"].includes(action)) return "unknown_type";
      return isIn(member) ? undefined : "unknown_peer";
    }
    default:
      return undefined;
  }
}

function say(before: PlainRoom, entry: SaidEntry, at: Position): Step {
  const why = whyNot(before, entry);
  if (why === "repeated") return [before, { type: "repeated" }];
  const author = before.members.find(({ id }) => id === entry.from);
  if (why !== undefined || author === undefined) return refused(before, why ?? "not_a_member");
  const sender = { ...author, said: [...author.said, entry.n] };
  const room = change(before, sender.id, { said: sender.said });
  switch (entry.kind) {
    case "leave": {
      const [after, farewell] = leave(room, sender, at);
      return [after, { type: "left", member: sender.id, why: entry.lost ? "lost" : "left", ...farewell }];
    }
    case "signal":
      return [room, { type: "signal", member: entry.to }];
    case "broadcast":
      return [room, { type: "broadcast" }];
    case "profile":
      return [
        change(room, sender.id, { profile: present(room, entry.profile) }),
        { type: "profile", member: sender.id },
      ];
    case "data": {
      const version = room.versions + 1;
      const others = room.data.filter(({ key }) => key !== entry.key);
      const owner = entry.owned ? { owner: entry.from } : {};
      const data = entry.value ? [...others, { key: entry.key, version, value: entry.value, ...owner }] : others;
      return [
        { ...room, data, versions: version },
        { type: "data", version },
      ];
    }
    case "settings":
      return [{ ...room, settings: settle(room, entry.change) }, { type: "settings" }];
    case "moderate":
      return moderate(room, entry, at);
    default:
      return entry satisfies never;
  }
}

function settle({ settings, rules }: PlainRoom, change: SettingsEntryChange): SettingsCopy {
  const linger = rules >= 2 ? (change.linger ?? settings.linger) : settings.linger;
  return {
    ...(linger ? { linger } : {}),
    capacity: change.capacity ?? settings.capacity,
    pin: change.pin === undefined ? settings.pin : change.pin,
    locked: change.locked ?? settings.locked,
    type: change.type ?? settings.type,
    presence: change.presence ?? settings.presence,
  };
}

function moderate(room: PlainRoom, { action }: Extract<SaidEntry, { kind: "moderate" }>, at: Position): Step {
  const target = room.members.find(({ id }) => id === action.member);
  const effect: PlainEffect = { type: "moderated", member: target?.id };
  const others = room.bans.filter(({ member, session }) => member !== action.member && session !== action.member);
  switch (action.action) {
    case "mute":
      return [room, effect];
    case "role":
      return [change(room, action.member, { role: action.role }), effect];
    case "unban":
      return [{ ...room, bans: others }, effect];
    case "remove":
    case "ban": {
      let banning = room;
      if (action.action === "ban" && (target !== undefined || others.length === room.bans.length)) {
        const ban = { member: action.member, session: target?.session ?? action.member, marks: target?.marks ?? [] };
        const bans = [...others, ban];
        banning = { ...room, bans: bans.slice(Math.max(0, bans.length - 1000)) };
      }
      if (target === undefined) return [banning, effect];
      const [after, farewell] = leave(banning, target, at);
      return [after, { ...effect, ...farewell }];
    }
    default:
      return action satisfies never;
  }
}

function leave(room: PlainRoom, member: PlainMember, at: Position): readonly [PlainRoom, Partial<PlainEffect>] {
  const owned = room.data.filter(({ owner }) => owner === member.id);
  const removed = owned.map(({ key }, i) => ({ key, version: room.versions + 1 + i }));
  let members = room.members.filter(({ id }) => id !== member.id);
  const isLastModerator = member.role === "moderator" && !members.some(({ role }) => role === "moderator");
  const heir = isLastModerator ? (members.find(({ state }) => state === "present") ?? members[0]) : undefined;
  members = members.map((other) => (other === heir ? { ...other, role: "moderator" } : other));
  const isEmpty = members.length === 0 && room.settings.type === "adhoc";
  const lingers = isEmpty && room.settings.linger !== undefined;
  const emptied = isEmpty && !lingers;
  const after: PlainRoom = {
    ...room,
    members,
    departed: [...room.departed, { id: member.id, epoch: member.epoch, said: member.said, left: at.time }],
    data: emptied ? [] : room.data.filter(({ owner }) => owner !== member.id),
    versions: room.versions + owned.length,
    settings: emptied ? newSettings : room.settings,
    bans: emptied ? [] : room.bans,
    emptied: lingers ? at.time : null,
  };
  return [after, { successor: heir?.id, removed, emptied }];
}
