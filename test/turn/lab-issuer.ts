// ICE servers as a scene wants them, logins that a real coturn takes, and who asked for what.

import type { Coturn } from "@heliograph/cluster";
import type { IceAsker, IceChange, IceIssued, IceOccasion, TurnIssuer } from "@heliograph/core";
import type { IceGrant, IceWish } from "@heliograph/protocol";
import { loginOf } from "./relay-clients.ts";

export interface Question extends Pick<IceAsker, "session"> {
  readonly wish: IceWish;
  readonly occasion: IceOccasion;
  /** Of the grant that was the answer. */
  readonly login: string | undefined;
}

/** A grant for each question; `nth` counts those of the session, from 1. */
export type Script = (nth: number, wish: IceWish, session: string) => IceGrant;

export class LabIssuer implements TurnIssuer {
  readonly state = "fresh";
  readonly questions: Question[] = [];
  script: Script;
  readonly #listeners = new Set<(change: IceChange) => void>();
  #generation = 1;

  constructor(script: Script) {
    this.script = script;
  }

  grant({ session }: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued {
    const nth = this.of(session).length + 1;
    const grant = this.script(nth, wish, session);
    this.questions.push({ session, wish, occasion, login: grant.iceServers[0]?.username });
    return { grant, generation: this.#generation, shared: false };
  }

  onChange(listener: (change: IceChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Everybody is given another grant at once. */
  push(): void {
    const withdrawn = this.#generation;
    this.#generation += 1;
    for (const listener of this.#listeners) listener({ generation: this.#generation, state: "fresh", withdrawn });
  }

  of(session: string): readonly Question[] {
    return this.questions.filter((question) => question.session === session);
  }

  get sessions(): readonly string[] {
    return [...new Set(this.questions.map(({ session }) => session))];
  }
}

/** The servers of a coturn, by UDP and TCP, under a login that serves `life` seconds from now. */
export function serversOf(coturn: Coturn, tag: string, life = 600): IceGrant["iceServers"] {
  const { username, password } = loginOf({ tag, life });
  const urls = ["udp", "tcp"].map((transport) => `turn:${coturn.host}:${coturn.port}?transport=${transport}`);
  return [{ urls, username, credential: password }];
}
