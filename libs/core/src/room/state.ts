// Everything that a room is. Only the rules beside this file change it, and only while an entry is applied.
import type { Position } from "@heliograph/protocol";
import type { Bans } from "./bans.ts";
import { noBans } from "./bans.ts";
import type { LettersCopy, RoomCopy, SettingsCopy } from "./copy.ts";
import { inOrderOfJoins, inOrderOfVersions } from "./copy-order.ts";
import { Departed } from "./departed.ts";
import { EffectMemory } from "./effect-memory.ts";
import { Member } from "./member.ts";
import { Seats } from "./seats.ts";
import { SharedData } from "./shared-data.ts";

/** The rules that a room begins with; an `upgrade` entry raises them. The same on every host, whatever its code. */
export const firstRules = 1;

export const newSettings: SettingsCopy = { capacity: 0, pin: null, locked: false, type: "adhoc", presence: "full" };

const before: Position = { seq: 0, index: 0, time: 0 };

const noLetters: readonly LettersCopy[] = [];

export class RoomState {
  at: Position;
  rules: number;
  /** Replaced, never changed: copies share it. */
  settings: SettingsCopy;
  bans: Bans;
  readonly seats: Seats;
  readonly departed: Departed;
  /** Exists while there is any. */
  data: SharedData | undefined;
  versions: number;
  /** Log time at which the last member left; defined while the room lingers. */
  emptied: number | undefined;
  /** Replaced, never changed: copies share it. */
  letters: readonly LettersCopy[];
  readonly memory: EffectMemory;

  constructor(copy: RoomCopy) {
    this.at = copy.at;
    this.rules = copy.rules;
    this.settings = copy.settings;
    this.bans = copy.bans;
    this.seats = new Seats();
    for (const member of inOrderOfJoins(copy.members)) this.seats.add(new Member(member));
    this.departed = new Departed(copy.departed);
    this.data = copy.data.length === 0 ? undefined : new SharedData(inOrderOfVersions(copy.data));
    this.versions = copy.versions;
    this.emptied = copy.emptied;
    this.letters = copy.letters ?? noLetters;
    this.memory = new EffectMemory(copy.effects, copy.idle, copy.adopted);
  }

  forgetBefore(time: number): void {
    this.departed.forgetBefore(time);
    this.memory.forgetBefore(time);
  }

  toCopy(): RoomCopy {
    return {
      at: this.at,
      rules: this.rules,
      settings: this.settings,
      bans: this.bans,
      members: this.seats.all().map((member) => member.toCopy()),
      departed: this.departed.toCopy(),
      data: this.data?.toCopy() ?? [],
      versions: this.versions,
      ...(this.emptied === undefined ? {} : { emptied: this.emptied }),
      ...(this.letters.length === 0 ? {} : { letters: this.letters }),
      ...this.memory.toCopy(),
    };
  }
}

export const freshCopy: RoomCopy = {
  at: before,
  rules: firstRules,
  adopted: null,
  settings: newSettings,
  bans: noBans,
  members: [],
  departed: [],
  data: [],
  versions: 0,
  effects: [],
  idle: [],
};
