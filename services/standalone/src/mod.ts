// An edge over the memory twins in one process.
export {};
