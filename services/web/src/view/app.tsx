// The whole page: lobby, call or farewell, with the prompts and notices that may stand over any of them.

import { useSignal, useSignalEffect } from "@preact/signals";
import type { VNode } from "preact";
import { CallView } from "./call-view.tsx";
import { Ended } from "./ended.tsx";
import { Lobby } from "./lobby.tsx";
import { NoticeList } from "./notice-list.tsx";
import type { Page } from "./page.ts";
import { PageProvider } from "./page.ts";
import { Prompts } from "./prompts.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";

export function App({ page, invited }: { readonly page: Page; readonly invited: boolean }): VNode {
  const { visit } = page;
  const settingsOpen = useSignal(false);
  useSignalEffect(() => {
    document.documentElement.dataset["theme"] = visit.settings.theme.value;
  });
  useSignalEffect(() => {
    const stage = visit.stage.value;
    const unread = stage.at === "call" ? stage.meeting.chat.unread.value : 0;
    const where = stage.at === "call" ? `${stage.meeting.name} · ` : "";
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${where}Heliograph`;
  });
  return (
    <PageProvider value={page}>
      <Stages page={page} invited={invited} openSettings={() => (settingsOpen.value = true)} />
      {settingsOpen.value && <SettingsDialog inCall={false} onClose={() => (settingsOpen.value = false)} />}
      <Prompts />
      <NoticeList notices={visit.notices} />
    </PageProvider>
  );
}

function Stages({ page, invited, openSettings }: { page: Page; invited: boolean; openSettings: () => void }): VNode {
  const stage = page.visit.stage.value;
  switch (stage.at) {
    case "lobby":
    case "joining":
      return <Lobby invited={invited} onSettings={openSettings} />;
    case "call":
      return <CallView meeting={stage.meeting} />;
    case "ended":
      return <Ended why={stage.why} />;
    default:
      return stage satisfies never;
  }
}
