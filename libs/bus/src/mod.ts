/** NATS JetStream behind core's Log, Whisper and Nodes. */
export {};
