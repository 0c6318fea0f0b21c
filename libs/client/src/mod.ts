// The SDK for browsers and Node: connect, resume, and calls between peers.
export {};
