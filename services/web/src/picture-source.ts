// From the picture in a profile to what a page may load: never from other servers.

const served = /^v1\/picture\/[\w-]{20}\/[\w-]{12}$/;

/** Where the page loads it; undefined: nowhere, since a profile's picture may be any address. `base` ends with a slash. */
export function pictureSource(picture: string | undefined, base: string): string | undefined {
  if (picture === undefined) return undefined;
  if (picture.startsWith("data:image/")) return picture;
  return served.test(picture) ? base + picture : undefined;
}
