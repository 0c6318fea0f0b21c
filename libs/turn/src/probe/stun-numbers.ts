// The numbers of STUN and TURN that we speak (RFC 8489 section 18, RFC 8656 section 18).

export const methods = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

export const attributes = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
  messageIntegritySha256: 0x001c,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const;

export const magicCookie = 0x2112a442;

/** IANA's number of UDP, the only relay transport that browsers ask for. */
export const udpProtocol = 17;

/** What REQUESTED-ADDRESS-FAMILY and XOR addresses call the two. */
export const families = { 4: 0x01, 6: 0x02 } as const;
