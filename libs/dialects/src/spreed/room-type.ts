// Types of rooms: which one a name has, by configuration and by what operators set at run time (section 3.9).

/** The original takes any text for a type; its web client sends none, so nothing is lost by knowing these two (Q8). */
export type SpreedRoomType = "Room" | "Conference";

/** Undefined: there is no such type. */
export function parseRoomType(raw: string): SpreedRoomType | undefined {
  return raw === "Room" || raw === "Conference" ? raw : undefined;
}

/** An expression over names as clients give them; stateless, so without the flags g and y. */
export interface NamePattern {
  test(name: string): boolean;
}

export interface RoomTypes {
  /** Set at run time: exact names as given, before anything else. */
  readonly set: ReadonlyMap<string, SpreedRoomType>;
  /** In the order of the configuration; the first that matches says it. Case counts, unlike in the original. */
  readonly patterns: readonly { readonly pattern: NamePattern; readonly type: SpreedRoomType }[];
}

export function typeOfName(types: RoomTypes, name: string): SpreedRoomType {
  return types.set.get(name) ?? types.patterns.find(({ pattern }) => pattern.test(name))?.type ?? "Room";
}

/** `asked` as a client gave it; empty: by name. Undefined: there is no such type. */
export function roomTypeOf(types: RoomTypes, asked: string, name: string): SpreedRoomType | undefined {
  return asked === "" ? typeOfName(types, name) : parseRoomType(asked);
}
