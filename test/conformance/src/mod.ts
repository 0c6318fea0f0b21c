// The native protocol's kit: runs against any server by its URL.
export {};
