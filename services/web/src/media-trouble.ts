// Why there is no camera, microphone or screen, in words that say what to do about it.
import { explainMediaError } from "@heliograph/client";

export type MediaKind = "audio" | "video" | "screen";

export interface Trouble {
  readonly title: string;
  readonly says: string;
}

const things = { audio: "microphone", video: "camera", screen: "screen" } as const;

/** Where browsers hand out no devices at all; undefined where they do. */
export function closedDoor(page: {
  readonly isSecureContext: boolean;
  readonly hasDevices: boolean;
}): string | undefined {
  if (!page.isSecureContext) {
    return "Browsers give camera and microphone only to pages opened over https, or from localhost on the same machine. This page came over plain http from another host, so you can join, see, hear and chat, but nobody can see or hear you.";
  }
  if (!page.hasDevices)
    return "This browser has no access to cameras and microphones. You can still join, see, hear and chat.";
  return undefined;
}

/**
 * @param kinds what was asked for
 * @param error what the SDK rejected with
 * @returns undefined when the person simply changed their mind
 */
export function troubleWith(kinds: readonly MediaKind[], error: unknown): Trouble | undefined {
  const thing = kinds.map((kind) => things[kind]).join(" and ");
  const several = kinds.length > 1;
  const them = several ? "them" : "it";
  const { reason } = explainMediaError(error);
  switch (reason) {
    case "denied":
      // The browser's own picker was closed: nothing to explain.
      if (kinds.includes("screen")) return undefined;
      return {
        title: `Your ${thing} ${several ? "are" : "is"} blocked`,
        says: `The browser refused access. Allow ${them} with the icon beside the address, then try again. You can also join without.`,
      };
    case "no_device":
      return { title: `No ${thing} found`, says: "Plug one in and it will be offered here, or join without." };
    case "aborted":
    case "in_use":
      if (kinds.includes("screen") && reason === "aborted") return undefined;
      return {
        title: `Your ${thing} cannot be used`,
        says: `Another program is probably using ${them}. Close that program and try again, or choose another device.`,
      };
    case "insecure":
      return { title: `This page may not use your ${thing}`, says: "Open it over https, or from localhost." };
    case "failed":
      return {
        title: `Your ${thing} did not start`,
        says: "Try again, or choose another device. You can also join without.",
      };
    default:
      return reason satisfies never;
  }
}

/** Whether a person said no: then the same is not asked again at once. */
export function wasDenied(error: unknown): boolean {
  return explainMediaError(error).reason === "denied";
}
