import { expect, test } from "vitest";
import { emptyShelf } from "../dev/fake-media.ts";
import { ScriptedClient, ScriptedSdk } from "../dev/fake-room.ts";
import { labelled, RelayWishes } from "./relays.ts";
import { rememberedSettings } from "./settings.ts";

const europe = { id: "eu", label: "Europe", labels: { de: "Europa", "pt-BR": "A Europa" } };
const america = { id: "us", label: "North America" };

function wishing(languages: readonly string[] = ["en"], shelf = emptyShelf()) {
  const settings = rememberedSettings(shelf, "");
  const wishes = new RelayWishes(settings, languages);
  const client = new ScriptedClient(new ScriptedSdk());
  const off = wishes.follow(client);
  return { settings, wishes, client, off, shelf };
}

test.each([
  [["de"], "Europa", "de"],
  [["de-CH", "en"], "Europa", "de"],
  [["PT-br"], "A Europa", "pt-BR"],
  [["pt"], "Europe", undefined],
  [["fr", "de"], "Europa", "de"],
  [[], "Europe", undefined],
] as const)("a zone is called by its label in the first of %j that there is one for", (languages, label, language) => {
  expect(labelled(europe, languages)).toEqual({ id: "eu", label, language });
});

test("a zone without any label goes by its name", () => {
  expect(labelled({ id: "ap-3" }, ["en"])).toEqual({ id: "ap-3", label: "ap-3", language: undefined });
});

test("a choice goes to the client at once and is there at the next visit, by its label, before anything is known", () => {
  const { wishes, client, shelf } = wishing();
  client.hear({ degraded: false, zone: "eu", zones: [europe, america] });
  expect(wishes.choices.map(({ label }) => label)).toEqual(["Europe", "North America"]);
  wishes.choose("us");
  expect(client.wishes).toEqual([
    { zone: undefined, geo: true },
    { zone: "us", geo: true },
  ]);
  const next = wishing(["en"], shelf);
  expect(next.client.wishes).toEqual([{ zone: "us", geo: true }]);
  expect(next.wishes.choices).toEqual([{ id: "us", label: "North America", language: undefined }]);
});

test("automatic takes the choice back, and so does a zone that nobody knows", () => {
  const { wishes, client } = wishing();
  client.hear({ degraded: false, zone: "eu", zones: [europe, america] });
  for (const id of ["", "mars"]) {
    wishes.choose("us");
    wishes.choose(id);
    expect(wishes.wish).toEqual({ zone: undefined, geo: true });
  }
});

test("the wish for no geo call is remembered and told", () => {
  const { settings, client, shelf } = wishing();
  settings.geo.value = "off";
  expect(client.wishes.at(-1)).toEqual({ zone: undefined, geo: false });
  expect(wishing(["en"], shelf).wishes.wish).toEqual({ zone: undefined, geo: false });
});

test("zones that were known can be chosen while there is no relay", () => {
  const { wishes, client } = wishing();
  client.hear({ degraded: false, zone: "eu", zones: [europe, america] });
  client.hear({ degraded: true, zone: undefined, zones: [] });
  expect(wishes.known.value.degraded).toBe(true);
  expect(wishes.choices).toHaveLength(2);
});

test("a client that is let go of hears no wish any more", () => {
  const { settings, client, off } = wishing();
  off();
  settings.geo.value = "off";
  expect(client.wishes).toHaveLength(1);
});
