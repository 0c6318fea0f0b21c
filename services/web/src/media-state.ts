// What a member tells the room about its own microphone and camera: a shared value that goes when its owner leaves.

export interface MediaState {
  readonly audio: boolean;
  readonly video: boolean;
  readonly screen: boolean;
}

/** Members of other clients, and viewers, say nothing: their streams speak for them. */
export const untold: MediaState = { audio: true, video: true, screen: false };

export function mediaKey(member: string): string {
  return `media:${member}`;
}

/** The only door by which a shared value becomes a media state. */
export function parseMediaState(value: unknown): MediaState | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const flag = (name: string) => Reflect.get(value, name) === true;
  return { audio: flag("audio"), video: flag("video"), screen: flag("screen") };
}
