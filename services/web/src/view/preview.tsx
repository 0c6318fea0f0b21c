// How others will see and hear the person, before they do.
import type { VNode } from "preact";
import { Icon } from "./icons.tsx";
import { LevelMeter } from "./level-meter.tsx";
import { usePage } from "./page.ts";
import { Video } from "./video.tsx";

export function Preview(): VNode {
  const { visit, meters } = usePage();
  const { media } = visit;
  const { audio, video } = media.state.value;
  const closed = media.closed !== undefined;
  const microphone = audio ? "Mute microphone" : "Unmute microphone";
  const camera = video ? "Turn camera off" : "Turn camera on";
  return (
    <div class="preview">
      <Video stream={media.picture.value} own mirrored hidden={!video} />
      {!video && (
        <p class="preview-dark">
          {media.opening.value ? "Waiting for your camera and microphone…" : "Your camera is off"}
        </p>
      )}
      <div class="preview-controls">
        <LevelMeter track={media.microphone.value} muted={!audio} />
        <button
          type="button"
          class={audio ? "control" : "control off"}
          aria-label={microphone}
          title={microphone}
          disabled={closed}
          onClick={() => {
            meters.wake();
            void media.toggleMicrophone();
          }}
        >
          <Icon name={audio ? "microphone" : "microphone-off"} />
        </button>
        <button
          type="button"
          class={video ? "control" : "control off"}
          aria-label={camera}
          title={camera}
          disabled={closed}
          onClick={() => void media.toggleCamera()}
        >
          <Icon name={video ? "camera" : "camera-off"} />
        </button>
      </div>
    </div>
  );
}

/** What is wrong with the devices, and what to do about it. */
export function Troubles(): VNode {
  const { visit } = usePage();
  const { media } = visit;
  const { audio, video } = media.troubles.value;
  const closed =
    media.closed === undefined ? [] : [{ title: "No camera or microphone on this page", says: media.closed }];
  // A denial of both comes as one sentence.
  const troubles = [...new Set([...closed, audio, video])].filter((trouble) => trouble !== undefined);
  return (
    <div class="troubles" role="status">
      {troubles.map(({ title, says }) => (
        <div key={title} class="trouble">
          <strong>{title}</strong>
          <p>{says}</p>
          {media.closed === undefined && (
            <button type="button" class="quiet" onClick={() => void media.start()}>
              Try again
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
