import type { Msg, NatsConnection, SubscriptionOptions } from "@nats-io/transport-node";
import { expect, test } from "vitest";
import { LinkSubscription } from "./link-subscription.ts";

type Callback = NonNullable<SubscriptionOptions["callback"]>;

/** What of a connection a subscription uses. */
function connection(): { readonly as: NatsConnection; readonly say: Callback } {
  let callback: Callback = () => undefined;
  const as = {
    isClosed: () => false,
    subscribe: (_subject: string, options: SubscriptionOptions) => {
      callback = options.callback ?? callback;
      return { unsubscribe: () => undefined };
    },
  };
  return { as: as as unknown as NatsConnection, say: (error, message) => callback(error, message) };
}

const message = { subject: "hg.out.0.default.tea", data: new Uint8Array([7]) } as unknown as Msg;

test("what a listener throws is told as a fault, and the connection reads on", () => {
  const failed: unknown[] = [];
  let heard = 0;
  const subscription = new LinkSubscription(
    "hg.out.0.default.tea",
    () => {
      heard += 1;
      if (heard === 1) throw new Error("a bug of one room");
    },
    (error) => failed.push(error),
  );
  const { as, say } = connection();
  subscription.standOn(as);
  expect(() => say(null, message)).not.toThrow();
  say(null, message);
  expect(heard).toBe(2);
  expect(failed).toEqual([new Error("a bug of one room")]);
});

test("a connection that was given up is not heard any more", () => {
  let heard = 0;
  const subscription = new LinkSubscription(
    "hg.out.0.default.tea",
    () => {
      heard += 1;
    },
    () => undefined,
  );
  const [former, present] = [connection(), connection()];
  subscription.standOn(former.as);
  subscription.fall();
  former.say(null, message);
  subscription.standOn(present.as);
  former.say(null, message);
  expect(heard).toBe(0);
  present.say(null, message);
  subscription.end();
  present.say(null, message);
  expect(heard).toBe(1);
});
