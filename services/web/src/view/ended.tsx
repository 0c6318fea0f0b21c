// After the call: how it ended, and where to go from here.
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Ending } from "../visit.ts";
import { Brand } from "./brand.tsx";
import { usePage } from "./page.ts";

const words = {
  left: { title: "You left the call", says: "Your camera and microphone are off." },
  removed: { title: "A host removed you", says: "Your camera and microphone are off. You can ask to be let back in." },
  banned: {
    title: "A host removed you",
    says: "Your camera and microphone are off. This room does not let you back in.",
  },
  moved: { title: "The call went on elsewhere", says: "Another tab or window took this call over." },
} as const satisfies Record<Ending, { title: string; says: string }>;

export function Ended({ why }: { readonly why: Ending }): VNode {
  const { visit, base } = usePage();
  const { title, says } = words[why];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="ended">
      <header class="lobby-head">
        <Brand />
      </header>
      <main>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <p class="lead">{says}</p>
        <div class="dialog-deeds">
          {why !== "banned" && (
            <button type="button" class="primary large" onClick={() => visit.backToLobby()}>
              {why === "moved" ? "Bring it back here" : "Join again"}
            </button>
          )}
          <a class="quiet button" href={base}>
            Another room
          </a>
        </div>
      </main>
    </div>
  );
}
