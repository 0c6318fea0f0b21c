// Plain values to commands and events, one folder for each wire protocol.
export {};
