// The parts of an edge that follow the configuration while it runs: settings, token keys, ICE servers, admission.
import type { Config, Reload } from "@heliograph/config";
import type { Clock, NodeSettings, Random } from "@heliograph/core";
import { Tokens } from "@heliograph/core";
import { MemoryTurnIssuer } from "@heliograph/core/memory";
import { nodeSettingsOf } from "@heliograph/system";
import { admissionOf, iceOf, startKey, tokenRingOf } from "./configured.ts";
import type { Edge } from "./start.ts";

export class LiveParts {
  readonly tokens: Tokens;
  readonly turn: MemoryTurnIssuer;
  readonly #ownKey: ReturnType<typeof startKey>;
  #settings: NodeSettings;

  constructor(config: Config, random: Random, clock: Clock) {
    this.#ownKey = startKey(random);
    this.tokens = new Tokens(tokenRingOf(config, this.#ownKey), config.tokens.life);
    this.turn = new MemoryTurnIssuer(clock);
    this.turn.serve(iceOf(config));
    this.#settings = nodeSettingsOf(config);
  }

  get settings(): NodeSettings {
    return this.#settings;
  }

  /** Rejects if renewed certificates make no pair: the old ones serve on. */
  async take(news: Pick<Reload, "config" | "changed" | "renewed">, edge: Edge): Promise<void> {
    const { config, changed, renewed } = news;
    this.#settings = nodeSettingsOf(config);
    this.tokens.rotate(tokenRingOf(config, this.#ownKey));
    edge.allow(admissionOf(config));
    // Every client hears of new servers, and calls gather anew: not for a change of something else.
    if (changed.some((path) => path.startsWith("turn."))) this.turn.replace(iceOf(config));
    if (renewed.some((path) => path.startsWith("listen.tls."))) await edge.reloadTls();
  }
}
