// A room's state as one word: hosts compare these, and a difference is an alarm.
import type { Epoch, Position } from "@heliograph/protocol";
import type { MarkCopy, MemberCopy, RoomCopy } from "./copy.ts";

/**
 * Two multiply-and-rotate lanes of 32 bits. Not cryptographic: hosts trust each other, and only accidents must show.
 * Everything variable is preceded by its length, so that no two states are written alike.
 */
class Mixer {
  #a = 0x2f0b4f1d;
  #b = 0x7b1d3c95;
  readonly #scratch = new DataView(new ArrayBuffer(8));

  word(word: number): void {
    this.#a = Math.imul(rotate(this.#a ^ word, 13), 0x9e3779b1);
    this.#b = (Math.imul(rotate(this.#b, 17), 0x85ebca6b) + Math.imul(word ^ (word >>> 15), 0x27d4eb2f)) | 0;
  }

  number(number: number): void {
    // Adding nothing makes one zero of the two.
    this.#scratch.setFloat64(0, number + 0);
    this.word(this.#scratch.getInt32(0));
    this.word(this.#scratch.getInt32(4));
  }

  text(text: string): void {
    this.word(text.length);
    for (let i = 0; i < text.length; i += 1) this.word(text.charCodeAt(i));
  }

  maybe(text: string | undefined): void {
    this.word(text === undefined ? 0 : 1);
    if (text !== undefined) this.text(text);
  }

  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    for (const byte of bytes) this.word(byte);
  }

  list<T>(list: readonly T[], write: (item: T) => void): void {
    this.word(list.length);
    for (const item of list) write(item);
  }

  end(): string {
    return hex(settled(this.#a ^ rotate(this.#b, 7))) + hex(settled(this.#b ^ rotate(this.#a, 11)));
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function settled(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** 16 hexadecimal digits. */
export function digestOf(copy: RoomCopy): string {
  const mixer = new Mixer();
  const position = (at: Position): void => mixPosition(mixer, at);
  position(copy.at);
  mixer.number(copy.rules);
  mixer.word(copy.adopted === null ? 0 : copy.adopted.reborn ? 2 : 1);
  if (copy.adopted !== null) position(copy.adopted.at);
  mixSettings(mixer, copy);
  mixer.list(copy.bans, (line) => mixer.text(line));
  mixer.list(copy.members, (member) => mixMember(mixer, member));
  mixer.list(copy.departed, (departed) => {
    mixer.text(departed.id);
    mixEpoch(mixer, departed.epoch);
    mixMark(mixer, departed.mark);
    mixer.number(departed.left);
  });
  mixer.number(copy.versions);
  mixer.list(copy.data, (datum) => {
    mixer.text(datum.key);
    mixer.number(datum.version);
    mixer.maybe(datum.owner);
    mixer.text(datum.value.codec);
    mixer.bytes(datum.value.bytes);
  });
  mixer.list(copy.effects, position);
  mixer.list(copy.idle, position);
  // Builds that do not know what follows have none of it, and must come to the same word.
  if (copy.emptied !== undefined) {
    mixer.text("emptied");
    mixer.number(copy.emptied);
  }
  if (copy.letters !== undefined) {
    mixer.list(copy.letters, ({ by, count }) => {
      mixer.text(by);
      mixer.number(count);
    });
  }
  return mixer.end();
}

function mixSettings(mixer: Mixer, { settings }: RoomCopy): void {
  mixer.number(settings.capacity);
  mixer.maybe(settings.pin?.salt);
  mixer.maybe(settings.pin?.proof);
  mixer.word(settings.locked ? 1 : 0);
  mixer.text(settings.type);
  mixer.text(settings.presence);
  if (settings.linger !== undefined) {
    mixer.text("linger");
    mixer.number(settings.linger);
  }
}

function mixMember(mixer: Mixer, member: MemberCopy): void {
  mixer.text(member.id);
  mixer.text(member.session);
  mixer.maybe(member.profile.name);
  mixer.maybe(member.profile.status);
  mixer.maybe(member.profile.picture);
  mixer.text(member.role);
  mixer.text(member.state);
  mixer.number(member.since);
  mixer.number(member.grace);
  mixEpoch(mixer, member.epoch);
  mixMark(mixer, member.mark);
  mixPosition(mixer, member.joined);
  mixer.list(member.marks, (mark) => mixer.text(mark));
  const { own } = member.profile;
  if (own !== undefined) {
    mixer.text("own");
    mixer.text(own.codec);
    mixer.bytes(own.bytes);
  }
}

function mixPosition(mixer: Mixer, { seq, index, time }: Position): void {
  mixer.number(seq);
  mixer.number(index);
  mixer.number(time);
}

function mixEpoch(mixer: Mixer, { attempt, bump, node }: Epoch): void {
  mixer.number(attempt);
  mixer.number(bump);
  mixer.text(node);
}

function mixMark(mixer: Mixer, { n, low, high }: MarkCopy): void {
  mixer.number(n);
  mixer.word(low | 0);
  mixer.word(high | 0);
}
