// Where each command stands in the words of Spreed WebRTC.
import type { Vocabulary } from "../dialect.ts";

const toOne = ["Offer", "Answer", "Candidate", "Bye", "Chat", "Conference"] as const;

export const spreedVocabulary: Vocabulary = {
  hello: ["the upgrade"],
  resume: ["the upgrade, with t"],
  join: ["Hello"],
  leave: ["Leave"],
  signal: toOne,
  broadcast: ["Chat"],
  volatile: [],
  letter: toOne,
  profile: ["Status", "Hello", "Authentication"],
  data: [],
  settings: ["Room"],
  moderate: [],
  ice: ["Self"],
  report: [],
  ping: ["Alive"],
  bye: ["the socket's end"],
};
