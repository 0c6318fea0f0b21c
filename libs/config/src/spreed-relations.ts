// What must hold between settings of the Spreed door.
import type { Config } from "./config.ts";
import type { Breach, Program } from "./relations.ts";

export function spreedBreaches({ spreed, native }: Pick<Config, "spreed" | "native">): readonly Breach[] {
  const found: Breach[] = [];
  const demand = (holds: boolean, paths: Breach["paths"], problem: string, remedy: string): void => {
    if (!holds) found.push({ paths, problem, remedy });
  };
  const patterns = spreed.roomTypes.patterns.map(
    ({ pattern }, index) => [`spreed.roomTypes.patterns.${index}.pattern`, pattern] as const,
  );
  const all =
    spreed.publicRooms === undefined ? patterns : [...patterns, ["spreed.publicRooms", spreed.publicRooms] as const];
  for (const [path, pattern] of all) {
    demand(
      isPattern(pattern),
      [path],
      "is no regular expression",
      "Check its brackets and what stands behind backslashes.",
    );
  }
  const { users, authorizeRoomJoin, authorizeRoomCreation } = spreed;
  for (const [name, on] of Object.entries({ authorizeRoomJoin, authorizeRoomCreation })) {
    demand(
      !on || users.enabled,
      [`spreed.${name}`, "spreed.users.enabled"],
      "asks for users, and nobody can be one",
      "Set spreed.users.enabled to true, or remove it.",
    );
  }
  demand(
    !users.enabled || users.mode !== "sharedsecret" || users.secret !== undefined,
    ["spreed.users.enabled", "spreed.users.mode"],
    "is true, and there is no secret that could vouch for anybody",
    "Add spreed.users.secret, or set spreed.users.mode to httpheader behind a proxy that logs users in.",
  );
  demand(
    !native.path.startsWith(spreed.path) || !spreed.enabled,
    ["spreed.path", "native.path"],
    "holds the path of the native protocol",
    "Choose another path.",
  );
  return found;
}

/** What is made with lasting secrets must be made alike on all nodes. */
export function spreedShortages({ spreed }: Pick<Config, "spreed">, program: Program): readonly Breach[] {
  const { enabled, users, lastingSecrets } = spreed;
  if (program !== "edge" || !enabled || !users.enabled || lastingSecrets.length > 0) return [];
  return [
    {
      paths: ["spreed.lastingSecrets"],
      problem: "is empty, so users would have another secret name on every node",
      remedy: "Make a key with `heliograph token-key` and give every edge the same, and keep it.",
    },
  ];
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
