// An issuer over sources of a script, with everything that it says taken down.
import type { Happening, IceChange } from "@heliograph/core";
import type { IceSource } from "../src/ice-source.ts";
import type { IssuerParts } from "../src/issuer.ts";
import { IceIssuer } from "../src/issuer.ts";
import type { SecretSettings } from "../src/providers/secret.ts";
import { eu, hidden, issuerSettings, us } from "./fixtures.ts";
import { iceAsker } from "./ice-source.ts";
import { unprobed } from "./probed-zones.ts";
import { ScriptedSource } from "./scripted-source.ts";

export const tagKey = hidden(new TextEncoder().encode("a key for tags, of thirty-two b."));
export const [secretA, secretB] = [hidden("lab-secret-A"), hidden("lab-secret-B")];

/** Stands still until told. */
export class HandClock {
  time = 1_790_000_000_000;
  now(): number {
    return this.time;
  }
  pass(seconds: number): void {
    this.time += seconds * 1_000;
  }
}

export function signing(more: Partial<SecretSettings> = {}): SecretSettings {
  return { secrets: [secretA], tagKey, ttl: 3_600, zones: [eu, us], ...more };
}

export function stand(
  sources: (clock: HandClock) => readonly IceSource[],
  { clock = new HandClock(), ...more }: Partial<IssuerParts> & { clock?: HandClock } = {},
) {
  const happened: Happening[] = [];
  const told: IceChange[] = [];
  const issuer = new IceIssuer({
    clock,
    observer: { observe: (happening) => happened.push(happening) },
    sources: sources(clock),
    settings: issuerSettings(),
    health: unprobed,
    ...more,
  });
  issuer.onChange((change) => told.push(change));
  const grant = (i = 1, user?: string) => issuer.grant(iceAsker(i, user), "auto", "request").grant;
  return { clock, issuer, happened, told, grant };
}

export function scripted() {
  const clock = new HandClock();
  const source = new ScriptedSource("svc", clock);
  return { ...stand(() => [source], { clock }), source };
}
