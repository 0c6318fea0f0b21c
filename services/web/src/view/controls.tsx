// The row of buttons below the call: everything a person does in it, each with its key.
import type { VNode } from "preact";
import type { Meeting } from "../meeting.ts";
import type { Deed } from "../shortcuts.ts";
import { shortcuts } from "../shortcuts.ts";
import type { IconName } from "./icons.tsx";
import { Icon } from "./icons.tsx";
import { usePage } from "./page.ts";

interface ControlsProps {
  readonly meeting: Meeting;
  readonly act: (deed: Deed) => void;
  readonly openMore: () => void;
}

export function Controls({ meeting, act, openMore }: ControlsProps): VNode {
  const { visit } = usePage();
  const { audio, video, screen } = meeting.media.state.value;
  const unread = meeting.chat.unread.value;
  const count = meeting.people.value.length;
  const closed = visit.media.closed !== undefined;
  const panel = meeting.panel.value;
  const common = { act, keys: visit.settings.shortcuts.value === "on" };
  return (
    <section class="controls" aria-label="Call controls">
      <div class="controls-own">
        <Control
          {...common}
          deed="microphone"
          icon={audio ? "microphone" : "microphone-off"}
          short={audio ? "Mute" : "Unmute"}
          off={!audio}
          disabled={closed}
        >
          {audio ? "Mute microphone" : "Unmute microphone"}
        </Control>
        <Control
          {...common}
          deed="camera"
          icon={video ? "camera" : "camera-off"}
          short="Camera"
          off={!video}
          disabled={closed}
        >
          {video ? "Turn camera off" : "Turn camera on"}
        </Control>
        <Control {...common} deed="screen" icon="screen" short="Screen" lit={screen} disabled={closed} wide>
          {screen ? "Stop sharing screen" : "Share screen"}
        </Control>
        <Control {...common} deed="wave" icon="wave" short="Wave" wide>
          Wave to everyone
        </Control>
      </div>
      <div class="controls-room">
        <Control {...common} deed="chat" icon="chat" short="Chat" open={panel === "chat"} badge={unread}>
          {unread === 0 ? "Chat" : `Chat, ${unread} unread`}
        </Control>
        <Control {...common} deed="people" icon="people" short="People" open={panel === "people"} count={count}>
          {`People, ${count} here`}
        </Control>
        <Control {...common} deed="invite" icon="link" short="Invite" wide>
          Invite: copy the room’s link
        </Control>
        <Control {...common} deed="settings" icon="settings" short="Settings" wide>
          Settings and devices
        </Control>
        <Control {...common} deed="help" icon="help" short="Keys" wide>
          Keys and shortcuts
        </Control>
        <button type="button" class="control narrow-only" aria-label="More" aria-haspopup="dialog" onClick={openMore}>
          <Icon name="more" />
        </button>
      </div>
      <div class="controls-end">
        <Control {...common} deed="leave" icon="leave" short="Leave" danger>
          Leave the call
        </Control>
      </div>
    </section>
  );
}

interface ControlProps {
  readonly deed: Deed;
  readonly icon: IconName;
  /** Below the icon, where there is room for it. */
  readonly short: string;
  readonly children: string;
  readonly act: (deed: Deed) => void;
  readonly keys: boolean;
  readonly off?: boolean;
  readonly lit?: boolean;
  readonly open?: boolean;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly wide?: boolean;
  readonly badge?: number;
  readonly count?: number;
}

function Control(props: ControlProps): VNode {
  const { deed, children: name, keys, open } = props;
  const key = keys ? shortcuts.find((shortcut) => shortcut.does === deed)?.key : undefined;
  const looks = [
    "control",
    props.off === true ? "off" : "",
    props.lit === true || open === true ? "lit" : "",
    props.danger === true ? "danger" : "",
    props.wide === true ? "wide-only" : "",
  ];
  return (
    <button
      type="button"
      class={looks.filter(Boolean).join(" ")}
      data-deed={deed}
      aria-expanded={open}
      aria-keyshortcuts={key}
      title={key === undefined ? name : `${name} (${key})`}
      disabled={props.disabled === true}
      onClick={() => props.act(deed)}
    >
      <Icon name={props.icon} />
      <span class="heard-only">{name}</span>
      <span class="control-word" aria-hidden="true">
        {props.short}
      </span>
      {(props.badge ?? 0) > 0 && (
        <span class="badge" aria-hidden="true">
          {(props.badge ?? 0) > 99 ? "99+" : props.badge}
        </span>
      )}
      {props.count !== undefined && (
        <span class="count" aria-hidden="true">
          {props.count}
        </span>
      )}
    </button>
  );
}
