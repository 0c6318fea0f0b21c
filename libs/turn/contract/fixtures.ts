// Zones, logins and secrets that tests of TURN speak of.
import type { IceSet, TurnZone } from "../src/ice-set.ts";
import type { IssuerSettings } from "../src/issuer.ts";
import type { Secret } from "../src/secret.ts";

/** A secret that anything prints as nothing, as the configuration's own does. */
export function hidden<T extends string | Uint8Array>(value: T): Secret<T> {
  return { reveal: () => value };
}

export const eu: TurnZone = {
  id: "eu",
  priority: 10,
  label: "Europe",
  labels: { de: "Europa" },
  urls: [
    "turn:eu.turn.example.org:3478?transport=udp",
    "turns:eu.turn.example.org:443?transport=tcp",
    "turn:eu.turn.example.org:443?transport=tcp",
  ],
  regions: ["eu-central"],
};

export const us: TurnZone = {
  id: "us",
  priority: 20,
  label: "North America",
  urls: ["turn:us.turn.example.org:3478?transport=udp", "turns:us.turn.example.org:443?transport=tcp"],
  regions: ["us-east"],
};

export function issuerSettings(more: Partial<IssuerSettings> = {}): IssuerSettings {
  return { stun: ["stun:stun.example.org:3478"], anonymous: "grant", maxUrls: 4, blocked: new Set(), ...more };
}

export function iceSet(more: Partial<IceSet> = {}): IceSet {
  return { username: "1790003600:tag", password: "pAsSwOrD+of/a=service", zones: [eu, us], stun: [], ...more };
}
