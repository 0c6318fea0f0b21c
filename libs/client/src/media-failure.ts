// Why a camera, a microphone or a screen could not be opened, and what a person can do about it.

/**
 * `denied`: the person or the system said no. `no_device`: there is none that fits. `in_use`: another program has it.
 * `insecure`: browsers offer devices to pages over HTTPS and on localhost only. `aborted`: the choice was closed, or the
 * device went away while it was being opened.
 */
export type MediaReason = "denied" | "no_device" | "in_use" | "insecure" | "aborted" | "failed";

export class MediaFailure extends Error {
  override readonly name = "MediaFailure";
  readonly reason: MediaReason;
  /** What to do next, as a sentence for the person. */
  readonly next: string;

  constructor(reason: MediaReason, cause?: unknown) {
    super(said[reason].what, { cause });
    this.reason = reason;
    this.next = said[reason].next;
  }
}

const said = {
  denied: {
    what: "The browser was not allowed to use the device.",
    next: "Allow camera and microphone for this page beside its address, and in the settings of the system, then try again.",
  },
  no_device: {
    what: "No camera or microphone that fits was found.",
    next: "Plug one in or choose another, or join without.",
  },
  in_use: {
    what: "The device is there but could not be started.",
    next: "Close other programs that use it, or unplug it and plug it in again.",
  },
  insecure: {
    what: "Browsers give cameras and microphones only to pages that came over HTTPS, or from this same machine.",
    next: "Open this page with https://, or as http://localhost on the machine that serves it.",
  },
  aborted: {
    what: "The choice was closed before anything was chosen.",
    next: "Try again and choose what to share.",
  },
  failed: {
    what: "The device could not be opened.",
    next: "Try again, or with another device.",
  },
} as const satisfies Record<MediaReason, { readonly what: string; readonly next: string }>;

/** By the names that Media Capture and Streams (section 10.2) and Screen Capture (section 5.1) give. */
const reasons: Readonly<Record<string, MediaReason>> = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  NotFoundError: "no_device",
  DevicesNotFoundError: "no_device",
  OverconstrainedError: "no_device",
  NotReadableError: "in_use",
  TrackStartError: "in_use",
  SecurityError: "insecure",
  AbortError: "aborted",
  InvalidStateError: "aborted",
};

/** Turns whatever `getUserMedia` or `getDisplayMedia` threw into a reason and a sentence. */
export function explainMediaError(error: unknown): MediaFailure {
  if (error instanceof MediaFailure) return error;
  const name = typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
  return new MediaFailure((Object.hasOwn(reasons, name) ? reasons[name] : undefined) ?? "failed", error);
}
