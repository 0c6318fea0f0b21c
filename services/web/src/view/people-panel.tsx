// Who is here, how they are, and for hosts what can be done about it.
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Meeting, Person } from "../meeting.ts";
import { Avatar } from "./avatar.tsx";
import type { OpenDialog } from "./call-dialogs.tsx";
import { Icon } from "./icons.tsx";
import { InviteButton } from "./invite.tsx";
import { Panel } from "./panel.tsx";

interface PeopleProps {
  readonly meeting: Meeting;
  readonly open: (dialog: OpenDialog) => void;
}

export function PeoplePanel({ meeting, open }: PeopleProps): VNode {
  const people = meeting.people.value;
  const host = meeting.host.value;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.focus(), []);
  return (
    <Panel title="People" onClose={() => meeting.toggle("people")}>
      <ul ref={list} class="people" aria-label={`${people.length} in the room`} tabIndex={-1}>
        {people.map((person) => (
          <PersonRow key={person.id} person={person} meeting={meeting} host={host} open={open} />
        ))}
      </ul>
      <div class="people-foot">
        <InviteButton room={meeting.name} />
        {host && (
          <button type="button" class="quiet" onClick={() => open({ type: "room" })}>
            <Icon name="key" /> Lock, PIN and seats
          </button>
        )}
      </div>
    </Panel>
  );
}

function PersonRow({ person, meeting, host, open }: PeopleProps & { person: Person; host: boolean }): VNode {
  const media = person.self ? meeting.media.state.value : person.media;
  const facts = [
    person.role === "moderator" ? "Host" : person.role === "viewer" ? "Viewer" : undefined,
    person.away ? "Away, reconnecting…" : undefined,
    media.screen ? "Shares the screen" : undefined,
  ].filter((fact) => fact !== undefined);
  return (
    <li class={person.away ? "person away" : "person"} data-member={person.id} data-away={person.away}>
      <Avatar id={person.id} name={person.name} picture={person.picture} />
      <span class="person-words">
        <span class="cut">{person.self ? `${person.name} (you)` : person.name}</span>
        {facts.length > 0 && <span class="soft cut">{facts.join(" · ")}</span>}
      </span>
      <Fact on={media.audio} what="Microphone" names={["microphone", "microphone-off"]} />
      <Fact on={media.video} what="Camera" names={["camera", "camera-off"]} />
      {host && !person.self && (
        <button
          type="button"
          class="quiet round"
          aria-label={`Options for ${person.name}`}
          onClick={() => open({ type: "person", person })}
        >
          <Icon name="more" />
        </button>
      )}
    </li>
  );
}

interface FactProps {
  readonly on: boolean;
  readonly what: string;
  readonly names: readonly ["microphone" | "camera", "microphone-off" | "camera-off"];
}

function Fact({ on, what, names }: FactProps): VNode {
  const words = `${what} ${on ? "on" : "off"}`;
  return (
    <span class={on ? "fact" : "fact off"} title={words}>
      <Icon name={names[on ? 0 : 1]} />
      <span class="heard-only">{words}</span>
    </span>
  );
}
