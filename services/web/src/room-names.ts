// Readable names for new rooms, with a tail that cannot be guessed by walking through the words.

const moods = [
  "amber", "bright", "calm", "clear", "coral", "crisp", "dawn", "early", "fair", "gentle", "golden", "high", "keen",
  "light", "lucid", "mellow", "misty", "noble", "north", "open", "quiet", "quick", "rosy", "sandy", "silver", "south",
  "steady", "still", "sunny", "swift", "warm", "wide",
] as const; // biome-ignore format: a word list reads better in lines than in a column

const places = [
  "bay",
  "beacon",
  "bluff",
  "bridge",
  "cairn",
  "cape",
  "cliff",
  "cove",
  "crest",
  "delta",
  "dune",
  "fjord",
  "garden",
  "harbor",
  "haven",
  "hill",
  "island",
  "lagoon",
  "lantern",
  "meadow",
  "mesa",
  "mirror",
  "orchard",
  "peak",
  "pier",
  "reef",
  "ridge",
  "shore",
  "signal",
  "summit",
  "tower",
  "valley",
] as const;

// Without the letters and digits that are mistaken for each other when read aloud or off a screen.
const tailLetters = "abcdefghjkmnpqrstuvwxyz23456789";
const tailLength = 4;

/** @param random a whole number from 0 to `below` - 1, from a source that cannot be predicted */
export function newRoomName(random: (below: number) => number): string {
  const tail = Array.from({ length: tailLength }, () => tailLetters.charAt(random(tailLetters.length))).join("");
  return `${moods[random(moods.length)] ?? moods[0]}-${places[random(places.length)] ?? places[0]}-${tail}`;
}

/** Unpredictable whole numbers. A remainder of 32 bits over such small bounds is uneven by less than one in 10^8. */
export function pageRandom(below: number): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % below;
}
