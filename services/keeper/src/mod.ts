/** The process for what no edge should own: rooms whose hosts all died. */
export {};
