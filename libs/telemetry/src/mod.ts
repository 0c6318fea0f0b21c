// What core observed, as logs and metrics.
export {};
