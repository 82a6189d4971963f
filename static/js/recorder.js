/* Recording an answer: device check, thinking time, countdown, recording in pieces, playing back, and off to the analysis. */

import { countDown } from "./countdown.js";
import { closeDevices, listDevices, obstacle, openDevices, sentenceOf } from "./device.js";
import { LevelMeter } from "./level.js";
import { clock, message, size } from "./messages.js";
import { Reading } from "./reading.js";
import { send } from "./request.js";
import { NoUpload, RecordingUpload } from "./upload.js";

const COUNTDOWN_SECONDS = 3;
const PIECE_MS = 1000;
const KEPT = "devices"; // of the session: in a whole interview the devices are checked once
const AUDIO_BITS = 64_000;
const VIDEO_BITS = 1_000_000;
const TYPES = {
  audio: ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"],
  video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4;codecs=avc1,mp4a.40.2", "video/mp4"],
};
const VISIBLE = {
  closed: [],
  ready: ["record", "hint"],
  thinking: ["now", "cancel"],
  countdown: ["cancel"],
  recording: ["stop"],
  review: [],
  sending: [],
};

class Recorder {
  constructor(root) {
    this.root = root;
    this.kind = root.dataset.kind;
    this.tries = "tries" in root.dataset ? Number(root.dataset.tries) : Infinity;
    this.kept = root.dataset.devices === "kept" ? JSON.parse(sessionStorage.getItem(KEPT) ?? "null") : null;
    this.part = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((element) => [element.dataset.part, element]));
    this.meter = new LevelMeter(this.part.level, (state) => this.hear(state));
    this.reading = new Reading(this.part, () => this.stream);
    this.listen();
    root.hidden = false;
    this.enter("closed");
    const reason = obstacle();
    if (reason) {
      this.complain(reason);
      this.part.open.disabled = true;
    } else if (this.kept) this.open(this.kept);
  }

  listen() {
    const { open, record, now, stop, cancel, again, analyse, camera, microphone } = this.part;
    open.addEventListener("click", () => this.open());
    record.addEventListener("click", () => this.think());
    now.addEventListener("click", () => this.counting?.skip());
    stop.addEventListener("click", () => this.stop());
    cancel.addEventListener("click", () => this.cancel());
    again.addEventListener("click", () => this.again());
    analyse.addEventListener("click", () => this.analyse());
    for (const select of [camera, microphone]) select?.addEventListener("change", () => this.open());
    window.addEventListener("beforeunload", (event) => {
      if (this.state === "recording" || this.state === "review") event.preventDefault();
    });
  }

  enter(state) {
    const focused = this.root.contains(document.activeElement);
    this.state = this.root.dataset.state = state;
    for (const name of ["record", "now", "stop", "cancel", "hint"]) this.part[name].hidden = !VISIBLE[state].includes(name);
    this.part.choices.hidden = this.part.reading.hidden = state !== "ready";
    if (state !== "ready") this.reading.stop();
    this.part.count.hidden = !["thinking", "countdown", "recording"].includes(state);
    this.part.review.hidden = state !== "review" && state !== "sending";
    if (focused) this.part[VISIBLE[state][0] ?? (state === "review" ? "review-title" : "open")]?.focus();
  }

  complain(sentence) {
    this.part.trouble.querySelector("span").textContent = sentence ?? "";
    this.part.trouble.hidden = !sentence;
  }

  hear(state) {
    if (state === "muted") this.complain(message("muted"));
    else if (this.part.trouble.textContent.trim() === message("muted")) this.complain(null);
    if (state !== "muted") this.part.heard.textContent = message(state);
  }

  /** Turn the devices on: those chosen in the page, or those that were checked at an earlier question. */
  async open(kept = {}) {
    this.complain(null);
    this.part.open.disabled = true;
    closeDevices(this.stream);
    try {
      this.stream = await openDevices(this.kind, {
        camera: this.part.camera?.value || kept.camera,
        microphone: this.part.microphone.value || kept.microphone,
      });
    } catch (error) {
      this.complain(sentenceOf(error, this.kind));
      return;
    } finally {
      this.part.open.disabled = false;
    }
    if (this.part.preview) this.part.preview.srcObject = this.stream;
    this.meter.start(this.stream);
    await listDevices(this.part.microphone, "audioinput", this.stream.getAudioTracks()[0]);
    if (this.part.camera) await listDevices(this.part.camera, "videoinput", this.stream.getVideoTracks()[0]);
    for (const track of this.stream.getTracks()) track.addEventListener("ended", () => this.lose());
    this.enter("ready");
    this.part.cover.hidden = true;
    if (this.root.dataset.devices === "kept") this.keep();
    if (kept !== this.kept) this.part.record.focus();
  }

  keep() {
    const before = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const chosen = { camera: this.part.camera?.value || before.camera, microphone: this.part.microphone.value };
    sessionStorage.setItem(KEPT, JSON.stringify(chosen));
  }

  lose() {
    this.complain(message("lost_device"));
    if (this.state === "recording") this.stop();
    else this.close();
  }

  close() {
    this.meter.stop();
    closeDevices(this.stream);
    this.stream = null;
    this.part.cover.hidden = false;
    this.enter("closed");
  }

  agreed() {
    const consent = document.getElementById("consent");
    if (consent.checked) return true;
    consent.setCustomValidity(message("consent"));
    consent.reportValidity();
    consent.setCustomValidity("");
    consent.focus();
    return false;
  }

  async think() {
    if (!this.agreed()) return;
    this.complain(null);
    this.enter("thinking");
    if (!(await this.count("think", Number(this.root.dataset.thinkingSeconds)))) return;
    this.enter("countdown");
    if (!(await this.count("begin", COUNTDOWN_SECONDS))) return;
    this.record();
  }

  /** Count down; resolve with false where it was cancelled. */
  count(word, seconds) {
    this.counting = countDown(this.part, word, seconds);
    return this.counting.done;
  }

  cancel() {
    this.counting?.interrupt();
    this.enter("ready");
  }

  record() {
    const type = TYPES[this.kind].find((name) => MediaRecorder.isTypeSupported(name));
    this.recorder = new MediaRecorder(this.stream, { mimeType: type, audioBitsPerSecond: AUDIO_BITS, ...(this.kind === "video" && { videoBitsPerSecond: VIDEO_BITS }) });
    this.pieces = [];
    this.tries -= 1;
    this.type = this.recorder.mimeType || type;
    this.upload = this.send();
    this.recorder.addEventListener("dataavailable", (event) => {
      if (!event.data.size) return;
      this.pieces.push(event.data);
      this.upload.push(event.data);
    });
    this.recorder.addEventListener("stop", () => this.review());
    this.recorder.start(PIECE_MS);
    this.enter("recording");
    this.part["count-word"].textContent = message("recording");
    const seconds = Number(this.root.dataset.answerSeconds);
    const began = performance.now();
    const tick = () => {
      const left = seconds - (performance.now() - began) / 1000;
      this.part["count-number"].textContent = clock(left);
      if (left <= 0) this.stop();
    };
    this.timer = setInterval(tick, 200);
    tick();
  }

  send() {
    if ("preview" in this.root.dataset) return new NoUpload();
    const upload = new RecordingUpload(this.kind, this.root.dataset.recordings, this.metadata(this.type), (state) => this.follow(state));
    upload.done.catch((error) => this.fail(error));
    return upload;
  }

  /** Send everything once more, after the server refused a piece. */
  sendAgain() {
    this.upload = this.send();
    this.pieces.forEach((piece) => this.upload.push(piece));
    this.upload.end();
  }

  metadata(filetype) {
    const form = document.getElementById("answer");
    const fields = Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && value && name !== "csrf_token"));
    return { ...fields, kind: this.kind, filetype, filename: `answer.${filetype.includes("mp4") ? "mp4" : filetype.includes("ogg") ? "ogg" : "webm"}` };
  }

  follow({ sent, total, waiting }) {
    const key = waiting ? "waiting" : this.state === "recording" ? "sending" : sent < total ? "sending_rest" : "sent";
    this.part.sending.textContent = message(key, { size: size(sent) });
  }

  fail(error) {
    this.part.sending.textContent = "";
    this.complain(message("failed", { reason: error.message }));
    if (this.state === "sending") this.enter("review");
  }

  stop() {
    clearInterval(this.timer);
    if (this.recorder?.state !== "inactive") this.recorder?.stop();
  }

  review() {
    clearInterval(this.timer);
    this.upload.end();
    this.meter.stop();
    closeDevices(this.stream);
    this.stream = null;
    URL.revokeObjectURL(this.part.playback.src);
    this.part.playback.src = URL.createObjectURL(new Blob(this.pieces, { type: this.type }));
    this.part.again.hidden = this.part.once.hidden = this.tries <= 0;
    this.part.last.hidden = this.tries > 0;
    this.enter("review");
    this.part["review-title"].focus();
  }

  async again() {
    this.part.playback.pause();
    await this.upload.discard();
    this.part.sending.textContent = "";
    this.enter("closed");
    await this.open();
  }

  async analyse() {
    this.complain(null);
    this.enter("sending");
    if (this.upload.failed) this.sendAgain();
    this.part.analyse.disabled = this.part.again.disabled = true;
    try {
      const recording = await this.upload.done;
      await this.reading.send(recording);
      const { address } = await send("POST", `${recording}/finish`, {});
      location.assign(address);
    } catch (error) {
      this.fail(error);
      this.part.analyse.disabled = this.part.again.disabled = false;
    }
  }
}

for (const root of document.querySelectorAll("[data-recorder]")) new Recorder(root);
