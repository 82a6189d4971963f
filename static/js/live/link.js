/* The socket: pictures and sound out, numbers in. The next picture goes when an earlier one is answered, so nothing queues. */

const PICTURE = 1;
const SOUND = 2;
const HEAD_BYTES = 16;
const ON_THE_WAY = 2; // pictures that are sent and not answered
const SOUND_WAITING_BYTES = 320_000; // behind a slow network; then the sound is dropped
const SOUND_BYTES_A_SECOND = 32_000;
const RETRY_MS = [300, 700, 1500, 3000, 5000];
const TRIES = 60;
const CUT_MS = 5000; // that the server may take to sum up a recording
const REASONS = { 4001: "elsewhere", 4002: "moved", 4003: "full", 4004: "idle", 4005: "too_much", 4006: "unavailable", 4007: "wrong", 4008: "not_agreed" };
const FINAL = ["elsewhere", "moved", "full", "idle", "too_much", "wrong", "not_agreed"];

export class LiveLink {
  /**
   * Make a link that is not open yet. `onSeen(seen, milliseconds)` and `onHeard(moments)` are given the server's numbers;
   * `onState("opening" | "open" | "lost" | a reason why it ended)` follows the link.
   */
  constructor(address, { onSeen, onHeard, onState }) {
    Object.assign(this, { address, onSeen, onHeard, onState });
    this.tab = crypto.randomUUID();
    this.number = 0;
    this.wanted = this.ready = false;
  }

  /** Open the link, and again when it is lost; `here` takes the seat of another tab. */
  open(here = false) {
    this.wanted = true;
    this.tries = 0;
    this.onState("opening");
    this.connect(here);
  }

  connect(here = false) {
    clearTimeout(this.timer);
    this.sent = new Map();
    this.soundBegan = null;
    this.ready = false;
    const socket = (this.socket = new WebSocket(this.address.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", tab: this.tab, here })));
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.receive(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.socket && this.lose(code));
  }

  close() {
    this.wanted = this.ready = false;
    clearTimeout(this.timer);
    const { socket } = this;
    this.socket = null;
    if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
    else socket?.close();
  }

  lose(code) {
    this.ready = false;
    this.socket = null;
    if (!this.wanted) return;
    const reason = REASONS[code];
    this.tries += 1;
    if (FINAL.includes(reason) || this.tries > TRIES) {
      this.wanted = false;
      this.onState(reason ?? "unavailable");
      return;
    }
    this.onState("lost");
    this.timer = setTimeout(() => this.connect(), RETRY_MS[Math.min(this.tries, RETRY_MS.length) - 1]);
  }

  receive(answer) {
    if (answer.type === "ready") {
      this.ready = true;
      this.tries = 0;
      this.onState("open");
    } else if (answer.type === "heard") {
      this.onHeard(answer.moments.map((moment) => ({ ...moment, t: moment.t + this.soundBegan })));
    } else if (answer.type === "taken") {
      this.onTaken?.(answer.kept);
    } else {
      const began = this.sent.get(answer.n);
      this.sent.delete(answer.n);
      if (answer.type === "seen" && began !== undefined) this.onSeen(answer, began);
    }
  }

  /** Let the server keep what it sees from now on, for `cut`; return whether it will. */
  record(seconds) {
    if (!this.isOpen) return false;
    this.socket.send(JSON.stringify({ type: "record", t: seconds }));
    this.recordedOn = this.socket;
    return true;
  }

  /** End that; resolve with whether the server has what it saw, from the beginning and over the same connection. */
  cut() {
    if (!this.isOpen || this.socket !== this.recordedOn) return Promise.resolve(false);
    this.socket.send(JSON.stringify({ type: "cut" }));
    return new Promise((resolve) => {
      this.onTaken = resolve;
      setTimeout(() => resolve(false), CUT_MS);
    });
  }

  get isOpen() {
    return this.ready && this.socket.readyState === WebSocket.OPEN;
  }

  /** Tell whether another picture may go now. */
  get hasRoom() {
    return this.isOpen && this.sent.size < ON_THE_WAY;
  }

  /** Send a JPEG that was taken `seconds` after the beginning, `began` on the page's clock in milliseconds. */
  sendPicture(bytes, seconds, began) {
    if (!this.isOpen) return;
    this.sent.set(this.send(PICTURE, bytes, seconds), began);
  }

  /** Send a piece of sound that ended `seconds` after the beginning. */
  sendSound(bytes, seconds) {
    if (!this.isOpen || this.socket.bufferedAmount > SOUND_WAITING_BYTES) return;
    this.soundBegan ??= seconds - bytes.byteLength / SOUND_BYTES_A_SECOND;
    this.send(SOUND, bytes, seconds);
  }

  send(kind, bytes, seconds) {
    const message = new Uint8Array(HEAD_BYTES + bytes.byteLength);
    const head = new DataView(message.buffer);
    this.number = (this.number + 1) % 2 ** 32;
    head.setUint8(0, kind);
    head.setUint32(4, this.number, true);
    head.setFloat64(8, seconds, true);
    message.set(new Uint8Array(bytes), HEAD_BYTES);
    this.socket.send(message);
    return this.number;
  }
}
