// The heliograph command.
export {};
