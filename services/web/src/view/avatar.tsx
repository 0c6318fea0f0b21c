// Who somebody is while there is no picture of them: their own small one, or initials on a colour of their own.
import type { VNode } from "preact";
import { pictureSource } from "../picture-source.ts";
import { usePage } from "./page.ts";

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly picture: string | undefined;
}

export function Avatar({ id, name, picture }: AvatarProps): VNode {
  const source = pictureSource(picture, usePage().base);
  if (source !== undefined) return <img class="avatar" src={source} alt="" />;
  return (
    <span class="avatar" aria-hidden="true" style={{ "--hue": hueOf(id) }}>
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

const goldenAngle = 137.508;

/** The same person has the same colour everywhere. */
function hueOf(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  // Steps of the golden angle keep even ids that differ in one letter apart.
  return Math.round(hash * goldenAngle) % 360;
}
