// Whether whoever asks has the very thing already: entity tags in requests.

/** RFC 9110, 13.1.2: compared weakly, since a proxy may have weakened it. */
export function isNamedIn(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((item) => {
    const tag = item.trim();
    return tag === "*" || tag.replace(/^W\//, "") === etag;
  });
}
