// Who else is heard: the beats of other processes, their silences, and the rules that all of them know.
import type { NodeId } from "@heliograph/protocol";
import type { World } from "./world.ts";

export class Beats {
  readonly #world: World;
  /** When each other process was heard last, by local time. */
  readonly #heard = new Map<NodeId, number>();
  /** What each of them said it can apply, and when. */
  readonly #rules = new Map<NodeId, { readonly version: number; readonly at: number }>();
  /** Since when nobody can have been missed. */
  #listening: number;
  /** Of those, whoever has been silent for too long: said once. */
  readonly #silent = new Set<NodeId>();
  readonly #stopHearing: () => void;

  constructor(world: World) {
    this.#world = world;
    this.#listening = world.clock.now();
    this.#stopHearing = world.nodes.onBeat((beat) => {
      const now = world.clock.now();
      this.#heard.set(beat.node, now);
      this.#rules.set(beat.node, { version: beat.rules, at: now });
      this.#silent.delete(beat.node);
    });
  }

  end(): void {
    this.#stopHearing();
  }

  say(): void {
    const { nodes, id, rules } = this.#world;
    nodes.beat({ node: id, rules: rules.version });
  }

  /** Nothing could be heard for a while, or this process slept: silence of others meant nothing. */
  startOver(): void {
    const now = this.#world.clock.now();
    this.#listening = now;
    for (const node of this.#heard.keys()) this.#heard.set(node, now);
  }

  /** Whether the process was heard of a moment ago. */
  alive(node: NodeId): boolean {
    if (node === this.#world.id) return true;
    const heard = this.#heard.get(node);
    return heard !== undefined && this.#world.clock.now() - heard < this.#world.settings.silence;
  }

  /** Whether the process has been silent for too long. Of one that was never heard, silence counts from the first question. */
  silent(node: NodeId): boolean {
    const { clock, settings, observer, id } = this.#world;
    if (node === id) return false;
    const heard = this.#heard.get(node);
    if (heard === undefined) this.#heard.set(node, clock.now());
    if (heard === undefined || clock.now() - heard < settings.silence) return false;
    if (!this.#silent.has(node)) {
      this.#silent.add(node);
      observer.observe({ type: "node_silent", node });
    }
    return true;
  }

  /**
   * The newest rules that every living process knows, by what was heard for two silences on end; until then what is said
   * of the deployment, unless somebody says less; undefined: nothing. Whoever was cut off meanwhile, and knows less, leaves such rooms to others when it is back.
   */
  agreedRules(): number | undefined {
    const { clock, settings, rules } = this.#world;
    const since = clock.now() - 2 * settings.silence;
    const heardAll = this.#listening <= since;
    if (!heardAll && rules.everywhere === undefined) return undefined;
    let agreed = Math.min(rules.version, heardAll ? rules.version : (rules.everywhere ?? 0));
    for (const { version, at } of this.#rules.values()) if (at > since) agreed = Math.min(agreed, version);
    return agreed;
  }

  /**
   * As `agreedRules`, for what cannot wait so long: everybody who lives says a beat within a few seconds, unless it is lost.
   * Whoever was missed finds the room beyond it, and leaves it to others.
   */
  heardRules(): number | undefined {
    const { clock, settings, rules } = this.#world;
    const agreed = this.agreedRules();
    if (agreed !== undefined || clock.now() - this.#listening < 2 * settings.beat) return agreed;
    let known = rules.version;
    for (const { version } of this.#rules.values()) known = Math.min(known, version);
    return known;
  }

  /** Nodes long dead are nobody's epoch any more. */
  forgetSilent(): void {
    const { clock, settings } = this.#world;
    for (const [node, heard] of this.#heard) {
      if (clock.now() - heard <= settings.logLife) continue;
      this.#heard.delete(node);
      this.#rules.delete(node);
      this.#silent.delete(node);
    }
  }
}
