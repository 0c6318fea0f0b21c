// Through whose relays a call goes where there is no direct way: what the person wishes, and what there is.
import type { Signal } from "@preact/signals";
import { effect, signal } from "@preact/signals";
import type { Client, Off, Relays, RelayWish, RelayZone } from "./sdk.ts";
import type { Settings } from "./settings.ts";

const nothing: Relays = { degraded: false, zone: undefined, zones: [] };

/** A zone as the person may choose it. */
export interface RelayChoice {
  readonly id: string;
  readonly label: string;
  /** Of the label (BCP 47), where it is known. */
  readonly language: string | undefined;
}

/** Outlives the clients of a page: what was known before a call is known after it. */
export class RelayWishes {
  readonly known: Signal<Relays> = signal(nothing);
  readonly #settings: Pick<Settings, "zone" | "zoneLabel" | "geo">;
  readonly #languages: readonly string[];

  /** @param languages the person's, the best first (BCP 47) */
  constructor(settings: Pick<Settings, "zone" | "zoneLabel" | "geo">, languages: readonly string[]) {
    this.#settings = settings;
    this.#languages = languages;
  }

  get wish(): RelayWish {
    const { zone, geo } = this.#settings;
    return { zone: zone.peek() === "" ? undefined : zone.peek(), geo: geo.peek() === "on" };
  }

  /** What can be chosen: the zones there are, and the one that was chosen before even where it is not among them. */
  get choices(): readonly RelayChoice[] {
    const { zone, zoneLabel } = this.#settings;
    const choices = this.known.value.zones.map((each) => labelled(each, this.#languages));
    if (zone.value === "" || choices.some(({ id }) => id === zone.value)) return choices;
    const label = zoneLabel.value === "" ? zone.value : zoneLabel.value;
    return [...choices, { id: zone.value, label, language: undefined }];
  }

  /** @param id empty: whatever is best */
  choose(id: string): void {
    const choice = this.choices.find((each) => each.id === id);
    this.#settings.zoneLabel.value = choice?.label ?? "";
    this.#settings.zone.value = choice?.id ?? "";
  }

  /** Tells the client every wish from now on, and takes in what it is told of relays. */
  follow(client: Client): Off {
    const offClient = client.on((event) => {
      if (event.type === "relays") this.#hear(client.relays);
    });
    const offWish = effect(() => {
      const { zone, geo } = this.#settings;
      client.wishFor({ zone: zone.value === "" ? undefined : zone.value, geo: geo.value === "on" });
    });
    return () => {
      offClient();
      offWish();
    };
  }

  #hear(relays: Relays): void {
    const { known } = this;
    // Where there is no relay just now, the zones are not told either; the person's choice among them stays.
    const forgets = relays.degraded && relays.zones.length === 0;
    known.value = forgets ? { ...relays, zones: known.peek().zones } : relays;
  }
}

/** The label in the best language of the person that there is one for. */
export function labelled({ id, label, labels = {} }: RelayZone, languages: readonly string[]): RelayChoice {
  const there = new Map(Object.keys(labels).map((language) => [language.toLowerCase(), language]));
  for (const wanted of languages) {
    for (const language of [wanted, wanted.split("-")[0] ?? wanted]) {
      const found = there.get(language.toLowerCase());
      const said = found === undefined ? undefined : labels[found];
      if (said !== undefined && said !== "") return { id, label: said, language: found };
    }
  }
  return { id, label: label === undefined || label === "" ? id : label, language: undefined };
}
