// The decisions: rooms as state machines over a log, and the ports they need from the world.
export {};
