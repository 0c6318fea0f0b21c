// How often each zone has failed in a row, as it stands in the shared memory between keepers and edges.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec";
import type { ZoneRound } from "./probe-round.ts";

/** Zones that fail, by their id; what is not here is up, or was never probed. */
export type ZoneFails = ReadonlyMap<string, number>;

const json = createJsonCodec({ maxBytes: 65_536, maxDepth: 4, maxKeys: 1_024 });

export function writeFails(fails: ZoneFails): Uint8Array {
  return json.encode({ fails: Object.fromEntries(fails) });
}

/** Of bytes that are none of ours: no zone fails. */
export function readFails(bytes: Uint8Array): ZoneFails {
  const decoded = json.decode(bytes);
  const fields = decoded.ok ? fieldsOf(decoded.value) : {};
  return new Map(
    Object.entries(fieldsOf(fields["fails"])).flatMap(([zone, fails]): [string, number][] =>
      typeof fails === "number" && fails > 0 ? [[zone, fails]] : [],
    ),
  );
}

export function failsAfter(before: ZoneFails, round: readonly ZoneRound[]): ZoneFails {
  return new Map(
    round.flatMap(({ zone, up }): [string, number][] => (up ? [] : [[zone, (before.get(zone) ?? 0) + 1]])),
  );
}

/** Beside the sets of the providers; no provider is called so, since their names have no dot. */
export function probeNameOf(provider: string): string {
  return `${provider}.probe`;
}

function fieldsOf(value: PlainValue | undefined): PlainObject {
  return isObject(value) ? value : {};
}

/** Array.isArray does not narrow a union that holds a readonly array. */
function isObject(value: PlainValue | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
