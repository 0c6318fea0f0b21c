// The dialogs of a call: leaving, one person, the room's door, more, keys, settings.
import type { ComponentChildren, VNode } from "preact";
import type { Meeting, Person } from "../meeting.ts";
import type { Deed } from "../shortcuts.ts";
import { Dialog } from "./dialog.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import type { IconName } from "./icons.tsx";
import { Icon } from "./icons.tsx";
import { usePage } from "./page.ts";
import { RoomDialog } from "./room-dialog.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";

export type OpenDialog =
  | { readonly type: "help" | "settings" | "room" | "leave" | "more" }
  | { readonly type: "person"; readonly person: Person };

interface CallDialogsProps {
  readonly meeting: Meeting;
  readonly dialog: OpenDialog | undefined;
  readonly close: () => void;
  readonly act: (deed: Deed) => void;
}

export function CallDialogs({ meeting, dialog, close, act }: CallDialogsProps): VNode | null {
  if (dialog === undefined) return null;
  switch (dialog.type) {
    case "help":
      return <HelpDialog onClose={close} />;
    case "settings":
      return <SettingsDialog onClose={close} inCall />;
    case "room":
      return <RoomDialog meeting={meeting} onClose={close} />;
    case "leave":
      return <LeaveDialog onClose={close} />;
    case "more":
      return <MoreDialog meeting={meeting} onClose={close} act={act} />;
    case "person":
      return <PersonDialog meeting={meeting} person={dialog.person} onClose={close} />;
    default:
      return dialog satisfies never;
  }
}

function LeaveDialog({ onClose }: { readonly onClose: () => void }): VNode {
  const { visit } = usePage();
  return (
    <Dialog title="Leave the call?" onClose={onClose}>
      <p>The others stay in the room. You can come back with the same link.</p>
      <div class="dialog-deeds">
        <button type="button" class="quiet" onClick={onClose}>
          Stay
        </button>
        <button type="button" class="primary danger" autofocus onClick={() => void visit.leave()}>
          Leave
        </button>
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly first?: boolean;
  readonly run: () => void;
  readonly children: ComponentChildren;
}

function Choice({ icon, danger = false, first = false, run, children }: ChoiceProps): VNode {
  return (
    <li>
      <button type="button" autofocus={first} class={danger ? "choice danger" : "choice"} onClick={run}>
        <Icon name={icon} /> {children}
      </button>
    </li>
  );
}

function MoreDialog({
  meeting,
  onClose,
  act,
}: {
  meeting: Meeting;
  onClose: () => void;
  act: (deed: Deed) => void;
}): VNode {
  const { visit } = usePage();
  const { screen } = meeting.media.state.value;
  const choose = (deed: Deed) => () => {
    onClose();
    act(deed);
  };
  return (
    <Dialog title="More" onClose={onClose} sheet>
      <ul class="choices">
        {visit.media.closed === undefined && (
          <Choice icon="screen" run={choose("screen")}>
            {screen ? "Stop sharing screen" : "Share screen"}
          </Choice>
        )}
        <Choice icon="wave" first run={choose("wave")}>
          Wave to everyone
        </Choice>
        <Choice icon="link" run={choose("invite")}>
          Share the link
        </Choice>
        <Choice icon="settings" run={choose("settings")}>
          Settings and devices
        </Choice>
        <Choice icon="help" run={choose("help")}>
          Keys and shortcuts
        </Choice>
      </ul>
    </Dialog>
  );
}

function PersonDialog({ meeting, person, onClose }: { meeting: Meeting; person: Person; onClose: () => void }): VNode {
  const choose = (deed: (who: Person) => Promise<boolean>) => () => {
    onClose();
    void deed(person);
  };
  return (
    <Dialog title={person.name} onClose={onClose} sheet>
      <ul class="choices">
        <Choice icon="microphone-off" first run={choose((who) => meeting.askToMute(who, "audio"))}>
          Mute microphone
        </Choice>
        <Choice icon="camera-off" run={choose((who) => meeting.askToMute(who, "video"))}>
          Turn camera off
        </Choice>
        {person.role !== "moderator" && (
          <Choice icon="host" run={choose((who) => meeting.makeHost(who))}>
            Make a host
          </Choice>
        )}
        <Choice icon="leave" danger run={choose((who) => meeting.remove(who))}>
          Remove from the room
        </Choice>
        <Choice icon="lock" danger run={choose((who) => meeting.ban(who))}>
          Remove and keep out
        </Choice>
      </ul>
    </Dialog>
  );
}
