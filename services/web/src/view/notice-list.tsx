// Notices as people see and hear them.
import type { VNode } from "preact";
import type { Notices } from "../notices.ts";
import { Icon } from "./icons.tsx";

export function NoticeList({ notices }: { readonly notices: Notices }): VNode {
  return (
    <section class="notices" aria-label="Notices">
      <p class="heard-only" role="status">
        {notices.whispered.value}
      </p>
      {/* The region is there before the first notice, or screen readers would miss it. */}
      <div role="log" aria-label="Notices" aria-relevant="additions">
        {notices.shown.value.map((notice) => (
          <div key={notice.id} class={`notice ${notice.tone}`}>
            <span>{notice.says}</span>
            {notice.action !== undefined && (
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  notice.action?.run();
                  notices.dismiss(notice.id);
                }}
              >
                {notice.action.label}
              </button>
            )}
            {notice.tone === "attention" && (
              <button
                type="button"
                class="quiet round small"
                aria-label="Dismiss"
                onClick={() => notices.dismiss(notice.id)}
              >
                <Icon name="close" />
              </button>
            )}
          </div>
        ))}
      </div>
    </section>
  );
}
