/* An AudioWorklet: the microphone's sound as 16-bit mono at 16 kHz, in pieces of a tenth of a second. */

const RATE = 16_000; // Hz
const PIECE = 1_600; // samples
const REACH = 12; // of the filter, in samples of 16 kHz on either side
const CUTOFF = 0.95; // of half of RATE

class Sound extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.half = Math.ceil(REACH * this.step);
    this.held = new Float32Array(this.half);
    this.at = this.half;
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
  }

  /** Return the sound at a place between two samples, through a windowed sinc that keeps what is above 8 kHz out. */
  between(place) {
    const first = Math.ceil(place - this.half);
    const last = Math.min(this.held.length - 1, Math.floor(place + this.half));
    const scale = CUTOFF / this.step;
    let sum = 0;
    for (let i = Math.max(0, first); i <= last; i += 1) {
      const x = i - place;
      const angle = Math.PI * x * scale;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / this.half);
      sum += this.held[i] * window * (Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle);
    }
    return sum * scale;
  }

  process([channels]) {
    if (!channels.length) return true;
    const mono = new Float32Array(this.held.length + channels[0].length);
    mono.set(this.held);
    for (let i = 0; i < channels[0].length; i += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      mono[this.held.length + i] = sum / channels.length;
    }
    this.held = mono;
    while (this.at + this.half < this.held.length) {
      this.piece[this.filled] = Math.max(-32768, Math.min(32767, Math.round(this.between(this.at) * 32768)));
      this.filled += 1;
      this.at += this.step;
      if (this.filled === PIECE) {
        this.port.postMessage(this.piece.buffer, [this.piece.buffer]);
        this.piece = new Int16Array(PIECE);
        this.filled = 0;
      }
    }
    const done = Math.floor(this.at - this.half);
    this.held = this.held.slice(done);
    this.at -= done;
    return true;
  }
}

registerProcessor("sound", Sound);
