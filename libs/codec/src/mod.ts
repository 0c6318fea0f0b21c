// Bytes to plain values and back, with caps; knows no message.
export {};
