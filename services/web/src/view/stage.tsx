// All tiles, laid out in whatever space there is.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Space } from "../layout.ts";
import { gridPlan, spotlightPlan } from "../layout.ts";
import type { Meeting } from "../meeting.ts";
import { InviteButton } from "./invite.tsx";
import { Tile } from "./tile.tsx";

const gap = 10;

export function Stage({ meeting }: { readonly meeting: Meeting }): VNode {
  const area = useRef<HTMLDivElement>(null);
  const space = useSignal<Space>({ width: 0, height: 0 });
  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => {
      space.value = { width: element.clientWidth, height: element.clientHeight };
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [space]);

  // Oneself comes last: one knows oneself best.
  const people = meeting.people.value.toSorted((a, b) => Number(a.self) - Number(b.self));
  const ownScreen = meeting.media.state.value.screen;
  const screen = people.findIndex((person) => (person.self ? ownScreen : person.media.screen));
  const plan =
    screen === -1 ? gridPlan(people.length, space.value, gap) : spotlightPlan(people.length, screen, space.value, gap);
  return (
    <div ref={area} class="stage">
      <ul class="tiles" aria-label="People in the call" style={{ height: `${Math.floor(plan.height)}px` }}>
        {people.map((person, index) => (
          <Tile key={person.id} meeting={meeting} person={person} place={plan.tiles[index]} />
        ))}
      </ul>
      {people.length === 1 && (
        <div class="alone">
          <strong>You are the first one here.</strong>
          <p>Share the link and others can step in.</p>
          <InviteButton room={meeting.name} />
        </div>
      )}
    </div>
  );
}
