// The chat: what was said, what was missed, and a field to say something.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { Missed, Said } from "../chat.ts";
import { longestLine } from "../chat.ts";
import type { Meeting } from "../meeting.ts";
import { Icon } from "./icons.tsx";
import { Panel } from "./panel.tsx";

/** Who has scrolled up further than this reads older lines and is not pulled down. */
const nearEnd = 80;

export function ChatPanel({ meeting }: { readonly meeting: Meeting }): VNode {
  const { lines } = meeting.chat;
  const log = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useLayoutEffect(() => {
    const element = log.current;
    if (element === null) return;
    const last = lines.value.at(-1);
    const mine = last?.kind === "said" && last.mine;
    const near =
      element.scrollHeight - element.scrollTop - element.clientHeight <
      nearEnd + (element.lastElementChild?.clientHeight ?? 0);
    if (first.current || mine || near) element.scrollTop = element.scrollHeight;
    first.current = false;
  }, [lines.value]);
  return (
    <Panel title="Chat" onClose={() => meeting.toggle("chat")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1). */}
      <div ref={log} class="chat-log" role="log" aria-label="Messages" tabIndex={0}>
        {lines.value.length === 0 && (
          <p class="empty">Nothing has been said yet. Everyone in the room can read what you write.</p>
        )}
        {lines.value.map((line) =>
          line.kind === "said" ? (
            <SaidLine key={line.id} line={line} meeting={meeting} />
          ) : (
            <MissedLine key={line.id} line={line} />
          ),
        )}
      </div>
      <SayForm meeting={meeting} />
    </Panel>
  );
}

function SaidLine({ line, meeting }: { readonly line: Said; readonly meeting: Meeting }): VNode {
  const { delivery } = line;
  return (
    <article class={line.mine ? "line mine" : "line"} data-delivery={delivery.state}>
      <header>
        <span class="cut">{line.mine ? "You" : line.name}</span>{" "}
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at)}</time>
      </header>
      <p>{line.text}</p>
      {delivery.state === "sending" && <footer class="soft">Sending…</footer>}
      {delivery.state === "failed" && (
        <footer class="bad">
          Not sent: {delivery.why}.{" "}
          <button type="button" class="link" onClick={() => void meeting.chat.sayAgain(line.id)}>
            Send again
          </button>
        </footer>
      )}
    </article>
  );
}

/** The words of the protocol's gap reasons. */
const gapReasons: ReadonlyMap<string, string> = new Map([
  ["too_old", "you were cut off for longer than messages are kept"],
  ["log_restarted", "the service lost its record and began a new one"],
  ["unknown_position", "the service does not know up to where you had read"],
  ["in_doubt", "servers disagreed about what was said, and agreed anew"],
  ["expired", "you were away for longer than the room waits"],
]);

function MissedLine({ line }: { readonly line: Missed }): VNode {
  const { gap, since, at } = line;
  const when =
    since === undefined
      ? `before ${clockTime(at, true)}`
      : `between ${clockTime(since, true)} and ${clockTime(at, true)}`;
  return (
    <div class="missed">
      <strong>Some messages could not be delivered</strong>
      <p>
        What was said {when} is missing here: {gapReasons.get(gap.reason) ?? gap.reason.replaceAll("_", " ")}. Who is
        here and how the room is set is up to date.
      </p>
      {gap.to !== "" && (
        <p class="positions">
          after <code>{gap.from}</code> up to <code>{gap.to}</code>
        </p>
      )}
    </div>
  );
}

function SayForm({ meeting }: { readonly meeting: Meeting }): VNode {
  const text = useSignal("");
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const say = () => {
    if (text.value.trim() === "") return;
    void meeting.say(text.value);
    text.value = "";
    field.current?.focus();
  };
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        say();
      }}
    >
      <label class="heard-only" for={id}>
        Message to everyone
      </label>
      <textarea
        ref={field}
        id={id}
        rows={1}
        maxLength={longestLine}
        placeholder="Message to everyone"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          // Shift and Enter make a new line; Enter inside a composition belongs to the input method.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          say();
        }}
      />
      <button type="submit" class="primary round" aria-label="Send" aria-disabled={text.value.trim() === ""}>
        <Icon name="send" />
      </button>
    </form>
  );
}

function clockTime(at: number, seconds = false): string {
  return new Date(at).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
  });
}
