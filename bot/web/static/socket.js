// The connection: one WebSocket that comes back by itself, sooner when the network does.

const FIRST_MS = 500;
const LONGEST_MS = 15000;
const QUIET_MS = 25000; // Without a word from the server for so long we ask whether it is there.
const PATIENCE_MS = 8000; // For its answer.
const CROWDED_MS = 15000;
const NO_SESSION = 4401;
const TOO_MANY = 4429;

export class Connection {
  constructor(address, { open, frame, down }) {
    this.address = address;
    this.on = { open, frame, down };
    this.attempts = 0;
    this.socket = null;
    this.timer = 0;
    this.watch = 0;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.drop());
    addEventListener("pageshow", (event) => event.persisted && this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  start() {
    clearTimeout(this.timer);
    this.timer = 0;
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onopen = () => this.listen(0, () => this.on.open());
    socket.onmessage = (event) => this.listen(QUIET_MS, () => this.hear(socket, event.data));
    socket.onclose = (event) => socket === this.socket && this.again(event.code);
    this.listen(PATIENCE_MS * 2); // A network that swallows the handshake never says no.
  }

  hear(socket, data) {
    if (socket !== this.socket) return;
    const frame = JSON.parse(data);
    if (frame.t === "welcome") this.attempts = 0;
    this.on.frame(frame);
  }

  send(frame) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // Something was heard: be patient again, then ask, then give up on this connection.
  listen(quiet, then) {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.ask(), quiet || PATIENCE_MS);
    then?.();
  }

  ask() {
    if (!this.send({ t: "ping" })) return this.drop();
    this.watch = setTimeout(() => this.drop(), PATIENCE_MS);
  }

  // Perhaps there is a network again: find out at once.
  hurry() {
    if (this.isOpen) {
      clearTimeout(this.watch);
      this.ask();
    } else if (this.timer) {
      this.attempts = 0;
      this.start();
    }
  }

  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.again(0);
    socket.close();
  }

  again(code) {
    clearTimeout(this.watch);
    clearTimeout(this.timer);
    this.socket = null;
    this.on.down(code === NO_SESSION ? "session" : code === TOO_MANY ? "crowded" : "");
    if (code === NO_SESSION) return;
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.attempts++);
    const pause = code === TOO_MANY ? CROWDED_MS : longest * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => this.start(), pause);
  }
}
