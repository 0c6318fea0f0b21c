// A moving picture with its sound: own ones are always silent.
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { usePage } from "./page.ts";

interface VideoProps {
  readonly stream: MediaStream | undefined;
  readonly own: boolean;
  /** As in a mirror, which is how people know their own face. */
  readonly mirrored?: boolean;
  /** Cut to the tile (a face) or shown whole (a screen). */
  readonly whole?: boolean;
  readonly hidden?: boolean;
}

export function Video({ stream, own, mirrored = false, whole = false, hidden = false }: VideoProps): VNode {
  const { playback } = usePage();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    return element === null || stream === undefined ? undefined : playback.play(element, stream);
  }, [stream, playback]);
  const look = [mirrored ? "mirrored" : "", whole ? "whole" : "", hidden ? "unseen" : ""].filter(Boolean).join(" ");
  return <video ref={video} class={look} autoplay playsInline muted={own} disablePictureInPicture={own} />;
}
