// The pages: a demo call that a person enjoys using.
export {};
