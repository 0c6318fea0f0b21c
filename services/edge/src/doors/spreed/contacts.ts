// Contact requests between users: asked, accepted or turned down, in private chats.
import type { Chatted } from "@heliograph/dialects/spreed";
import { judgeContact, settleContact } from "@heliograph/dialects/spreed";
import { parseSessionId } from "@heliograph/protocol";
import type { ContactTokens } from "./contact-tokens.ts";
import type { Guest } from "./guest.ts";
import type { LookUps } from "./look-ups.ts";

/** The chat as it is delivered; undefined: it goes nowhere, and nobody is told. */
export async function settle(
  said: Chatted,
  guest: Guest,
  lookUps: LookUps,
  tokens: ContactTokens,
  enabled: boolean,
): Promise<Chatted | undefined> {
  const request = said.chat.Status?.ContactRequest;
  if (request === undefined) return said;
  const { userid } = guest;
  const step = judgeContact(request, { userid, contacts: enabled });
  const settled = (token: string): Chatted => ({ ...said, chat: settleContact(said.chat, userid, token) });
  switch (step.step) {
    case "drop":
      return undefined;
    case "reject":
      return settled("");
    case "ask":
    case "accept": {
      const session = parseSessionId(said.to);
      const other = session.ok ? ((await lookUps.ownOf(session.value))?.Userid ?? "") : "";
      if (other === "" || other === userid) return undefined;
      if (step.step === "ask") return settled(tokens.issue({ asked: other, asking: userid }));
      const contact = tokens.read(step.token);
      return contact?.asked === userid && contact.asking === other ? settled(step.token) : undefined;
    }
    default:
      return step satisfies never;
  }
}
