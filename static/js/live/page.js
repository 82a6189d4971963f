/* The live page: from the button to the numbers, and a sentence with a way on for everything that can come between. */

import { closeDevices, listDevices, obstacle, openDevices, sentenceOf } from "../device.js";
import { LevelMeter } from "../level.js";
import { message, number } from "../messages.js";
import { send } from "../request.js";
import { Bars } from "./bars.js";
import { RollingChart } from "./chart.js";
import { LiveLink } from "./link.js";
import { clear, draw } from "./overlay.js";
import { LiveRecording } from "./recording.js";
import { Senses } from "./senses.js";

const EMOTIONS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
const RATE_MS = 1000; // between two changes of the line that tells pictures a second
const SAID_MS = 6000; // between two labels that a screen reader is told
const STEADY_MS = 1500; // that a label lasts before it is told
const WAYS_ON = { elsewhere: "go_on_here", moved: "go_on_here", full: "try_again", idle: "go_on", too_much: "try_again", unavailable: "try_again", not_agreed: null, wrong: null };
const SHOWN = { closed: [], live: ["pause", "stop"], paused: ["resume", "stop"] };

class LivePage {
  constructor(root) {
    this.root = root;
    this.part = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((element) => [element.dataset.part, element]));
    const words = Object.fromEntries(["face", "voice", ...EMOTIONS].map((name) => [name, message(name)]));
    this.chart = new RollingChart(this.part.chart, EMOTIONS, words);
    this.face = new Bars(this.part.face, EMOTIONS);
    this.voice = new Bars(this.part.voice, EMOTIONS);
    this.meter = new LevelMeter(this.part.level, (state) => this.hear(state));
    this.link = new LiveLink(root.dataset.live, {
      onSeen: (seen, began) => this.see(seen, began),
      onHeard: (moments) => this.listen(moments),
      onState: (state) => this.follow(state),
    });
    this.senses = new Senses(this.part.preview, this.link);
    this.recording = new LiveRecording(root, this.part, this);
    this.blinks = { before: 0, now: 0 };
    this.connect();
    root.hidden = false;
    this.enter("closed");
    const reason = window.Worker && window.AudioWorkletNode && window.OffscreenCanvas ? obstacle() : (obstacle() ?? message("unsupported"));
    if (reason) {
      this.complain(reason);
      this.part.start.disabled = true;
    }
  }

  connect() {
    const { start, pause, resume, stop, camera, microphone } = this.part;
    start.addEventListener("click", () => this.start());
    pause.addEventListener("click", () => this.pause());
    resume.addEventListener("click", () => this.resume());
    stop.addEventListener("click", () => this.stop());
    this.part["way-on"].addEventListener("click", () => this.wayOn?.());
    for (const select of [camera, microphone]) select.addEventListener("change", () => this.start());
    for (const name of ["show-box", "show-points"]) this.part[name].addEventListener("change", () => this.last && this.paint(this.last));
    document.addEventListener("visibilitychange", () => this.blink());
    window.addEventListener("pagehide", () => this.link.close());
  }

  enter(state) {
    const focused = this.state !== undefined && (this.root.contains(document.activeElement) || document.activeElement === document.body);
    this.state = this.root.dataset.state = state;
    for (const name of ["pause", "resume", "stop"]) this.part[name].hidden = !SHOWN[state].includes(name);
    for (const name of ["controls", "figure", "recording"]) this.part[name].hidden = state === "closed";
    this.part.before.hidden = state !== "closed";
    this.part.cover.hidden = state !== "closed";
    if (focused && document.activeElement.offsetParent === null) this.part[SHOWN[state][0] ?? "start"].focus({ preventScroll: true });
  }

  /** Show a sentence, with a button for the way on where there is one; without a sentence, take it away. */
  complain(sentence, wayOn = null, act = null) {
    this.part.trouble.querySelector("span").textContent = sentence ?? "";
    this.part.trouble.hidden = !sentence;
    this.part["way-on"].hidden = !wayOn;
    this.part["way-on"].textContent = wayOn ? message(wayOn) : "";
    this.wayOn = act;
  }

  say(sentence) {
    this.part.said.textContent = sentence;
  }

  hear(state) {
    if (state === "muted") this.complain(message("muted"));
    else if (this.part.trouble.textContent.trim() === message("muted")) this.complain(null);
    if (state !== "muted") this.part.heard.textContent = message(state);
  }

  async agreed() {
    const box = document.getElementById("agree");
    if (!box.checked) {
      box.setCustomValidity(message("agree"));
      box.reportValidity();
      box.setCustomValidity("");
      box.focus();
      return false;
    }
    await send("POST", this.root.dataset.agree, { consent: true });
    return true;
  }

  /** Turn the devices on, or change them, and go live. */
  async start(here = false) {
    this.complain(null);
    this.part.start.disabled = true;
    const wasLive = this.state !== "closed";
    try {
      if (!wasLive && !(await this.agreed())) return;
      this.release();
      const stream = await openDevices("video", { camera: this.part.camera.value, microphone: this.part.microphone.value });
      this.stream = stream;
      for (const track of stream.getTracks()) track.addEventListener("ended", () => this.loseDevice(stream));
      this.part.preview.srcObject = stream;
      await this.part.preview.play();
      this.meter.start(stream);
      this.enter("live");
      this.forget();
      if (!this.link.wanted) this.link.open(here);
      await this.senses.start(stream);
      await listDevices(this.part.microphone, "audioinput", stream.getAudioTracks()[0]);
      await listDevices(this.part.camera, "videoinput", stream.getVideoTracks()[0]);
    } catch (error) {
      this.stop();
      this.complain(error instanceof DOMException ? sentenceOf(error, "video") : error.message, "try_again", () => this.start());
    } finally {
      this.part.start.disabled = false;
    }
  }

  /** Let camera and microphone go. */
  release() {
    this.senses.stop();
    this.meter.stop();
    closeDevices(this.stream);
    this.stream = this.part.preview.srcObject = null;
  }

  forget() {
    this.last = null;
    this.blinks = { before: 0, now: 0 };
    this.answered = [];
    this.delays = [];
    this.rated = 0;
    this.steady = { label: null, since: 0, said: null, at: 0 };
    this.chart.clear();
    this.face.clear();
    this.voice.clear();
    this.part.blinks.textContent = message("blinks", { count: 0 });
    this.part.heard.textContent = message("waiting_voice");
    this.part.rate.textContent = "";
  }

  stop() {
    this.recording.cancel();
    this.link.close();
    this.release();
    clear(this.part.overlay);
    this.part.tag.hidden = true;
    this.enter("closed");
    this.say(message("stopped"));
  }

  pause() {
    this.release();
    this.part.tag.hidden = true;
    clear(this.part.overlay);
    this.enter("paused");
    this.say(message("paused"));
  }

  resume() {
    this.start();
  }

  /** Send nothing while the page cannot be seen; a recording goes on. */
  blink() {
    if (document.hidden && this.state === "live" && !this.recording.isRunning) {
      this.pause();
      this.isHiddenPause = true;
    } else if (!document.hidden && this.isHiddenPause && this.state === "paused") {
      this.isHiddenPause = false;
      this.resume();
    }
  }

  loseDevice(stream) {
    if (stream !== this.stream) return;
    this.stop();
    this.complain(message("lost_device"), "try_again", () => this.start());
  }

  /** Follow the state of the link. */
  follow(state) {
    if (state === "opening") {
      this.say(message("opening"));
    } else if (state === "open") {
      this.say(message(this.wasLost ? "open_again" : "open"));
      if (this.wasLost) this.complain(null);
      this.wasLost = false;
      this.blinks = { before: this.blinks.before + this.blinks.now, now: 0 };
    } else if (state === "lost") {
      this.wasLost = true;
      clear(this.part.overlay);
      this.complain(message("lost"));
    } else if (state === "idle" && this.state === "paused") {
      this.say(message("idle"));
    } else if (this.recording.isRunning) {
      this.complain(message(state)); // the recording does not need the link
    } else {
      this.stop();
      this.complain(message(state), WAYS_ON[state], () => this.start(WAYS_ON[state] === "go_on_here"));
    }
  }

  see(seen, began) {
    if (this.state !== "live") return;
    const now = performance.now();
    this.last = seen;
    this.paint(seen);
    this.face.show(seen);
    this.chart.see(seen.t, seen);
    this.blinks.now = seen.blinks;
    this.answered.push(now);
    this.delays.push(now - began);
    if (now - this.rated > RATE_MS) this.rate(now);
    this.tell(seen, now);
    this.root.dispatchEvent(new CustomEvent("live:seen", { detail: { seen, delay: now - began } }));
  }

  listen(moments) {
    if (this.state !== "live") return;
    for (const moment of moments) {
      this.chart.hear(moment.t, moment, this.senses.seconds());
      this.voice.drawn = 0;
      this.voice.show(moment);
      this.root.dispatchEvent(new CustomEvent("live:heard", { detail: moment }));
    }
  }

  paint(seen) {
    const show = { box: this.part["show-box"].checked, points: this.part["show-points"].checked };
    draw(this.part.overlay, seen, show);
    const word = seen.label ? message(seen.label) : seen.gap ? message(seen.gap) : "";
    if (this.part.tag.textContent !== word) this.part.tag.textContent = word;
    this.part.tag.hidden = !word || !(show.box || show.points);
  }

  rate(now) {
    this.rated = now;
    while (this.answered[0] < now - 2 * RATE_MS) this.answered.shift();
    this.delays = this.delays.slice(-this.answered.length);
    const delay = this.delays.toSorted((a, b) => a - b)[this.delays.length >> 1];
    const seconds = Math.min(2 * RATE_MS, now - this.answered[0]) / 1000;
    if (seconds > 0.5) this.part.rate.textContent = message("rate", { pictures: number(this.answered.length / seconds), delay: number(delay) });
    this.part.blinks.textContent = message("blinks", { count: number(this.blinks.before + this.blinks.now) });
  }

  /** Tell a screen reader of a label that lasts, seldom. */
  tell({ label, gap }, now) {
    const word = label ?? gap;
    if (word !== this.steady.label) Object.assign(this.steady, { label: word, since: now });
    if (word === this.steady.said || now - this.steady.since < STEADY_MS || now - this.steady.at < SAID_MS) return;
    Object.assign(this.steady, { said: word, at: now });
    this.say(message("said_face", { label: message(word) }));
  }
}

for (const root of document.querySelectorAll("[data-live]")) new LivePage(root);
