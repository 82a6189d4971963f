/* Two sentences read aloud in an ordinary voice, before the answer: recorded in the page, sent with the answer. */

import { message, number } from "./messages.js";
import { put } from "./request.js";

const MOST_SECONDS = 20;
const LEAST_SECONDS = 2;
const BITS = 64_000;
const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export class Reading {
  /** `part` holds the elements by name; `stream()` returns the open devices. */
  constructor(part, stream) {
    this.part = part;
    this.stream = stream;
    this.sound = null;
    part.read.addEventListener("click", () => (this.recorder ? this.stop() : this.start()));
    part.unread.addEventListener("click", () => this.remove());
  }

  start() {
    const type = TYPES.find((name) => MediaRecorder.isTypeSupported(name));
    const microphone = new MediaStream(this.stream().getAudioTracks());
    const pieces = [];
    const began = performance.now();
    this.recorder = new MediaRecorder(microphone, { mimeType: type, audioBitsPerSecond: BITS });
    this.recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    this.recorder.addEventListener("stop", () => this.keep(new Blob(pieces, { type }), (performance.now() - began) / 1000), { once: true });
    this.recorder.start();
    this.part["reading-playback"].hidden = true;
    this.name("read_end");
    const tick = () => {
      const seconds = (performance.now() - began) / 1000;
      this.say("reading", { seconds: number(Math.floor(seconds)) });
      if (seconds >= MOST_SECONDS) this.stop();
    };
    this.timer = setInterval(tick, 250);
    tick();
  }

  /** End the reading, if one runs; what was read is kept. */
  stop() {
    clearInterval(this.timer);
    if (this.recorder?.state === "recording") this.recorder.stop();
  }

  keep(sound, seconds) {
    clearInterval(this.timer);
    this.recorder = null;
    if (seconds < LEAST_SECONDS) {
      this.name(this.sound ? "read_again" : "read");
      this.part["reading-playback"].hidden = !this.sound;
      this.say("read_short");
      return;
    }
    this.sound = sound;
    URL.revokeObjectURL(this.part["reading-playback"].src);
    this.part["reading-playback"].src = URL.createObjectURL(sound);
    this.part["reading-playback"].hidden = this.part.unread.hidden = false;
    this.name("read_again");
    this.say("read_done");
  }

  remove() {
    this.stop();
    this.sound = null;
    this.part["reading-playback"].pause();
    this.part["reading-playback"].hidden = this.part.unread.hidden = true;
    this.name("read");
    this.say("read_removed");
    this.part.read.focus();
  }

  /** Send what was read to the recording at `address`; nothing where nothing was read. */
  async send(address) {
    if (this.sound) await put(`${address}/baseline`, this.sound);
  }

  name(key) {
    this.part.read.querySelector("span").textContent = message(key);
  }

  say(key, values) {
    this.part["read-state"].textContent = message(key, values);
  }
}
