// The parts of an edge that follow the configuration while it runs: settings, token keys, TURN, admission.
import type { Config, Reload } from "@heliograph/config";
import type { NodeSettings, Random } from "@heliograph/core";
import { Signer, Tokens } from "@heliograph/core";
import { nodeSettingsOf } from "@heliograph/system";
import { admissionOf, startKey, tokenRingOf } from "./configured.ts";
import { SpreedLive } from "./doors/spreed/configured-spreed.ts";
import type { Edge } from "./start.ts";
import type { TurnParts } from "./turn-parts.ts";

export class LiveParts {
  /** Signs whatever a client holds and brings back. */
  readonly signer: Signer;
  readonly tokens: Tokens;
  readonly spreed: SpreedLive;
  readonly #turn: Pick<TurnParts, "reload">;
  readonly #ownKey: ReturnType<typeof startKey>;
  #settings: NodeSettings;

  constructor(config: Config, random: Random, turn: Pick<TurnParts, "reload">) {
    this.#ownKey = startKey(random);
    this.signer = new Signer(tokenRingOf(config, this.#ownKey));
    this.tokens = new Tokens(this.signer, config.tokens.life);
    this.spreed = new SpreedLive(config, this.signer, random);
    this.#turn = turn;
    this.#settings = nodeSettingsOf(config);
  }

  get settings(): NodeSettings {
    return this.#settings;
  }

  /** Rejects if renewed certificates make no pair: the old ones serve on. */
  async take(news: Pick<Reload, "config" | "changed" | "renewed">, edge: Edge): Promise<void> {
    const { config, changed, renewed } = news;
    this.#settings = nodeSettingsOf(config);
    this.signer.rotate(tokenRingOf(config, this.#ownKey));
    this.spreed.take(config);
    edge.allow(admissionOf(config));
    // Each time is a new generation: not for a change of something else.
    if (changed.some((path) => path.startsWith("turn."))) this.#turn.reload(config.turn);
    if (renewed.some((path) => path.startsWith("listen.tls."))) await edge.reloadTls();
  }
}
