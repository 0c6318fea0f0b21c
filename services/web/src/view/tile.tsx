// One person in the call: picture or initials, name, microphone, and how the connection to them stands.
import type { VNode } from "preact";
import type { Rect } from "../layout.ts";
import { speaking } from "../level.ts";
import type { Meeting, Person, Tie } from "../meeting.ts";
import { routeChip, routeSentence } from "../route-words.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icons.tsx";
import { useLevel } from "./level-meter.tsx";
import { Video } from "./video.tsx";

interface TileProps {
  readonly meeting: Meeting;
  readonly person: Person;
  readonly place: Rect | undefined;
}

export function Tile({ meeting, person, place }: TileProps): VNode {
  const tie = meeting.ties.value.get(person.id);
  const own = person.self;
  const media = own ? meeting.media.state.value : person.media;
  const stream = own ? meeting.media.picture.value : tie?.stream;
  const sound = own ? meeting.media.microphone.value : tie?.stream?.getAudioTracks()[0];
  const loud = useLevel(media.audio ? sound : undefined).value > speaking;
  const seen = (media.video || media.screen) && (stream?.getVideoTracks().length ?? 0) > 0;
  const state = own ? "connected" : (tie?.state ?? "new");
  const trouble = troubleOf(person, state, own);
  const waving = meeting.waving.value.has(person.id);
  const classes = ["tile", loud ? "loud" : "", seen ? "seen" : "", trouble === undefined ? "" : "troubled"];
  return (
    <li
      class={classes.filter(Boolean).join(" ")}
      data-peer={person.id}
      data-state={state}
      data-self={own}
      data-away={person.away}
      aria-label={describe(person, media, trouble)}
      style={place === undefined ? { visibility: "hidden" } : pixels(place)}
    >
      <Video stream={stream} own={own} mirrored={own && !media.screen} whole={media.screen} hidden={!seen} />
      {!seen && <Avatar id={person.id} name={person.name} picture={person.picture} />}
      {trouble !== undefined && (
        <div class="tile-trouble">
          <span class="spinner" aria-hidden="true" />
          <span>{trouble}</span>
          {(state === "failed" || tie?.slow === true) && (
            <button type="button" class="quiet" onClick={() => meeting.reconnect(person.id)}>
              Try again
            </button>
          )}
        </div>
      )}
      {waving && (
        <span class="tile-wave">
          <Icon name="wave" />
        </span>
      )}
      <TileFoot person={person} audio={media.audio} screen={media.screen} />
      {!own && trouble === undefined && <RouteChip tie={tie} away={person.away} />}
    </li>
  );
}

function TileFoot({ person, audio, screen }: { person: Person; audio: boolean; screen: boolean }): VNode {
  return (
    <div class="tile-name">
      {!audio && (
        <span class="tile-muted" title="Microphone off">
          <Icon name="microphone-off" />
        </span>
      )}
      <span class="cut">{person.self ? `${person.name} (you)` : person.name}</span>
      {screen && (
        <span title="Shares the screen">
          <Icon name="screen" />
        </span>
      )}
    </div>
  );
}

function RouteChip({ tie, away }: { readonly tie: Tie | undefined; readonly away: boolean }): VNode | null {
  if (away) {
    // Picture and sound go on without signaling: said, but not over the picture.
    return (
      <span class="tile-route">
        <span class="spinner" aria-hidden="true" /> Reconnecting…
      </span>
    );
  }
  const words = tie?.route === undefined ? "" : routeChip(tie.route);
  if (tie?.route === undefined || words === "") return null;
  return (
    <span class="tile-route" title={routeSentence(tie.route)}>
      {words}
    </span>
  );
}

function troubleOf(person: Person, state: Tie["state"], own: boolean): string | undefined {
  if (own) return undefined;
  switch (state) {
    case "connected":
      return undefined;
    case "new":
    case "connecting":
      return person.away ? "Away, reconnecting…" : "Connecting…";
    case "disconnected":
      return "Reconnecting…";
    case "failed":
      return person.away ? "Away, reconnecting…" : "No connection";
    case "closed":
      return "Connection closed";
    default:
      return state satisfies never;
  }
}

function describe(person: Person, media: Person["media"], trouble: string | undefined): string {
  const parts = [
    person.self ? `${person.name}, you` : person.name,
    media.audio ? "microphone on" : "microphone off",
    media.screen ? "shares the screen" : media.video ? "camera on" : "camera off",
    person.away ? "away" : undefined,
    trouble,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function pixels(place: Rect): Record<string, string> {
  const { left, top, width, height } = place;
  return { transform: `translate(${left}px, ${top}px)`, width: `${width}px`, height: `${height}px` };
}
