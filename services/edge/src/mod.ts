// The process that ends the sockets and speaks each client's own protocol.
export {};
