// How loud a track is: as a meter, or as a level for others to show.
import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Level } from "../meter.ts";
import { usePage } from "./page.ts";

/** The level of a track as long as the caller is drawn. */
export function useLevel(track: MediaStreamTrack | undefined): Signal<number> {
  const { meters } = usePage();
  const [level] = useState(() => new Level(meters));
  useEffect(() => level.follow(track), [level, track]);
  useEffect(() => () => level.follow(undefined), [level]);
  return level.value;
}

export function LevelMeter({
  track,
  muted,
}: {
  readonly track: MediaStreamTrack | undefined;
  readonly muted: boolean;
}): VNode {
  const level = useLevel(track).value;
  const shown = muted ? 0 : level;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter cannot be drawn as bars alike in all browsers.
    <div
      class="meter"
      role="meter"
      aria-label="Microphone level"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown * 100)}
      style={{ "--level": shown }}
    >
      <div class="meter-fill" />
    </div>
  );
}
