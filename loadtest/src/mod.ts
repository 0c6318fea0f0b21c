// Benchmarks: cost for each message as CPU time, as ratios against peers run side by side.
export {};
