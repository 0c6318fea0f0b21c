// A page that speaks Spreed WebRTC's channelling API, written from its description: it joins, calls everybody, and talks.

const wish = new URLSearchParams(location.search);
const room = wish.get("room") ?? "";
const name = wish.get("name") ?? "";
const address = wish.get("ws") ?? "";

/** What tests look at. */
const page = {
  id: "",
  /** Becomes true with each Welcome. */
  welcome: false,
  /** How often the socket was opened. */
  sockets: 0,
  ids: [],
  lines: [],
  /** Of the room, by Id. */
  people: {},
  left: [],
  wrongs: [],
  say,
  frames: (id) => peers.get(id)?.video.getVideoPlaybackQuality().totalVideoFrames ?? 0,
  states: () => [...peers].map(([id, { connection }]) => [id, connection.connectionState]),
  idOf: (displayName) => Object.values(page.people).find((each) => each.Status?.displayName === displayName)?.Id,
};
globalThis.spreedPage = page;

const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const peers = new Map();
let socket;
let token = "";
let ice = [];
let requests = 0;
const unsaid = [];
let heard = 0;

connect();
// Silence for long means that nobody is there any more, as real clients take it.
setInterval(() => {
  const silent = performance.now() - heard;
  if (socket.readyState !== WebSocket.OPEN) return;
  if (silent > 11_500) socket.close();
  else if (silent > 5_000) send("Alive", { Type: "Alive", Alive: Date.now() });
}, 1_000);

function connect() {
  page.sockets += 1;
  page.welcome = false;
  heard = performance.now();
  socket = new WebSocket(token === "" ? address : `${address}?t=${encodeURIComponent(token)}`);
  socket.onmessage = ({ data }) => {
    heard = performance.now();
    hear(JSON.parse(data)).catch((error) => page.wrongs.push(String(error)));
  };
  socket.onclose = () => {
    page.welcome = false;
    setTimeout(connect, 200);
  };
}

function send(type, document, iid) {
  socket.send(JSON.stringify({ Type: type, [type]: document, ...(iid === undefined ? {} : { Iid: iid }) }));
}

function relay(type, to, inner) {
  // What is said while the socket is away is lost in this dialect; the next description repairs it.
  if (socket.readyState === WebSocket.OPEN) send(type, { To: to, Type: type, [type]: inner });
}

function say(text) {
  page.lines.push(text);
  unsaid.push(text);
  if (page.welcome) flush();
}

function flush() {
  for (const Message of unsaid.splice(0)) send("Chat", { To: "", Type: "Chat", Chat: { Message, NoEcho: true } });
}

async function hear({ Data, From }) {
  switch (Data.Type) {
    case "Self":
      page.id = Data.Id;
      page.ids.push(Data.Id);
      token = Data.Token;
      ice = Data.Stun.length === 0 ? [] : [{ urls: Data.Stun }];
      if (page.welcome) return;
      requests += 1;
      send("Hello", { Version: "1", Ua: "Page", Name: room, Type: "" }, String(requests));
      send("Status", { Type: "Status", Status: { displayName: name, message: null } });
      return;
    case "Welcome": {
      page.welcome = true;
      page.people = {};
      for (const user of Data.Users) meet(user);
      flush();
      return;
    }
    case "Joined":
      return meet(Data);
    case "Status":
      if (page.people[Data.Id] !== undefined) page.people[Data.Id].Status = Data.Status;
      return;
    case "Left":
      page.left.push([Data.Id, Data.Status]);
      delete page.people[Data.Id];
      part(Data.Id);
      return;
    case "Chat":
      if (Data.To === "" && Data.Chat.Message !== "") page.lines.push(Data.Chat.Message);
      return;
    case "Offer":
      return offered(From, Data.Offer);
    case "Answer":
      return answered(From, Data.Answer);
    case "Candidate":
      return peers
        .get(From)
        ?.connection.addIceCandidate(candidateOf(Data.Candidate))
        .catch(() => undefined);
    case "Bye":
      return part(From);
    case "Error":
      page.wrongs.push(`${Data.Code}: ${Data.Message}`);
  }
}

function candidateOf({ candidate, sdpMid, sdpMLineIndex }) {
  return { candidate, sdpMid: sdpMid ?? null, sdpMLineIndex: sdpMLineIndex ?? null };
}

function meet(user) {
  if (user.Id === page.id) return;
  page.people[user.Id] = user;
  // Of two the one with the smaller Id calls.
  if (page.id < user.Id && !peers.has(user.Id)) {
    call(user.Id).catch((error) => page.wrongs.push(String(error)));
  }
}

function peerOf(id) {
  const there = peers.get(id);
  if (there !== undefined) return there;
  const connection = new RTCPeerConnection({ iceServers: ice });
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  document.getElementById("people").append(video);
  for (const track of media.getTracks()) connection.addTrack(track, media);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate === null || candidate.candidate === "") return;
    const { sdpMid, sdpMLineIndex } = candidate;
    relay("Candidate", id, { type: "candidate", sdpMLineIndex, sdpMid, candidate: candidate.candidate });
  };
  connection.ontrack = ({ streams: [stream] }) => {
    video.srcObject = stream;
    video.play().catch(() => undefined);
  };
  const peer = { connection, video };
  peers.set(id, peer);
  return peer;
}

async function call(id) {
  const { connection } = peerOf(id);
  await connection.setLocalDescription();
  relay("Offer", id, { type: "offer", sdp: connection.localDescription.sdp });
}

async function offered(from, { type, sdp }) {
  const there = peers.get(from);
  // Both called: the offer of the smaller Id goes on.
  if (there?.connection.signalingState === "have-local-offer" && page.id < from) return;
  const { connection } = peerOf(from);
  await connection.setRemoteDescription({ type, sdp });
  await connection.setLocalDescription();
  relay("Answer", from, { type: "answer", sdp: connection.localDescription.sdp });
}

async function answered(from, { type, sdp }) {
  const { connection } = peers.get(from) ?? {};
  if (connection?.signalingState === "have-local-offer") await connection.setRemoteDescription({ type, sdp });
}

function part(id) {
  const peer = peers.get(id);
  if (peer === undefined) return;
  peers.delete(id);
  peer.connection.close();
  peer.video.remove();
}
