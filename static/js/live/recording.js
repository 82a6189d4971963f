/* Recording an answer while live: thinking time, countdown, pieces on their way to the server, and off to the results. */

import { countDown } from "../countdown.js";
import { clock, message, size } from "../messages.js";
import { send } from "../request.js";
import { RecordingUpload } from "../upload.js";

const COUNTDOWN_SECONDS = 3;
const PIECE_MS = 1000;
const BITS = { audioBitsPerSecond: 64_000, videoBitsPerSecond: 1_000_000 };
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4;codecs=avc1,mp4a.40.2", "video/mp4"];
const SHOWN = { idle: ["record"], thinking: ["now", "cancel"], countdown: ["cancel"], recording: ["finish"], sending: [] };
const OVERLAY = ["show-box", "show-points"];

export class LiveRecording {
  constructor(root, part, page) {
    Object.assign(this, { root, part, page });
    part.record.addEventListener("click", () => this.think());
    part.now.addEventListener("click", () => this.counting?.skip());
    part.cancel.addEventListener("click", () => this.cancel());
    part.finish.addEventListener("click", () => this.finish());
    window.addEventListener("beforeunload", (event) => {
      if (this.state === "recording") event.preventDefault();
    });
    this.enter("idle");
  }

  get isRunning() {
    return this.state !== "idle";
  }

  enter(state) {
    const focused = this.part.recording.contains(document.activeElement);
    this.state = this.root.dataset.recording = state;
    for (const name of ["record", "now", "cancel", "finish"]) this.part[name].hidden = !SHOWN[state].includes(name);
    for (const name of ["pause", "camera", "microphone"]) this.part[name].disabled = state !== "idle";
    this.part.count.hidden = !["thinking", "countdown", "recording"].includes(state);
    if (focused) this.part[SHOWN[state][0] ?? "sending"].focus();
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
    this.shown = OVERLAY.map((name) => this.part[name].checked);
    OVERLAY.forEach((name) => this.mark(name, false));
    this.enter("thinking");
    this.part.stage.scrollIntoView({ block: "nearest" }); // browsers slow down a camera's picture that is not on the screen
    if (!(await this.count("think", Number(this.root.dataset.thinkingSeconds)))) return;
    this.enter("countdown");
    if (!(await this.count("begin", COUNTDOWN_SECONDS))) return;
    this.record();
  }

  mark(name, isOn) {
    this.part[name].checked = isOn;
    this.part[name].dispatchEvent(new Event("change"));
  }

  /** Count down; resolve with false where it was cancelled. */
  count(word, seconds) {
    this.counting = countDown(this.part, word, seconds);
    return this.counting.done;
  }

  /** Leave before anything is recorded; a running recording ends, and what there is of it stays. */
  cancel() {
    this.counting?.interrupt();
    if (this.state === "recording") {
      this.finish();
    } else if (this.state !== "sending" && this.state !== "idle") {
      this.enter("idle");
      OVERLAY.forEach((name, i) => this.mark(name, this.shown[i]));
    }
  }

  record() {
    const type = TYPES.find((name) => MediaRecorder.isTypeSupported(name));
    this.recorder = new MediaRecorder(this.page.stream, { mimeType: type, ...BITS });
    this.pieces = [];
    this.type = this.recorder.mimeType || type;
    this.upload = this.send();
    this.recorder.addEventListener("dataavailable", ({ data }) => {
      if (!data.size) return;
      this.pieces.push(data);
      this.upload.push(data);
    });
    this.recorder.addEventListener("stop", () => this.arrive());
    this.recorder.addEventListener("start", () => this.page.link.record(this.page.senses.seconds()));
    this.recorder.start(PIECE_MS);
    this.enter("recording");
    this.part["count-word"].textContent = message("recording");
    const seconds = Number(this.root.dataset.answerSeconds);
    const began = performance.now();
    const tick = () => {
      const left = seconds - (performance.now() - began) / 1000;
      this.part["count-number"].textContent = clock(left);
      if (left <= 0) this.finish();
    };
    this.timer = setInterval(tick, 200);
    tick();
  }

  send() {
    const fields = Object.fromEntries([...new FormData(this.part.answer)].filter(([name, value]) => value && name !== "csrf_token"));
    const filename = `answer.${this.type.includes("mp4") ? "mp4" : "webm"}`;
    const upload = new RecordingUpload("video", this.root.dataset.recordings, { ...fields, kind: "video", filetype: this.type, filename }, (state) => this.follow(state));
    upload.done.catch(() => {});
    return upload;
  }

  follow({ sent, total, waiting }) {
    const key = waiting ? "waiting" : this.state === "recording" ? "sending" : sent < total ? "sending_rest" : "sent";
    this.part.sending.textContent = message(key, { size: size(sent) });
  }

  finish() {
    clearInterval(this.timer);
    if (this.recorder?.state !== "inactive") this.recorder?.stop();
  }

  /** Send the rest, turn the devices off, and open the results. */
  async arrive() {
    clearInterval(this.timer);
    this.upload.end();
    this.enter("sending");
    this.wasLive = await this.page.link.cut();
    this.page.link.close();
    this.page.release();
    await this.analyse();
  }

  async analyse() {
    try {
      if (this.upload.failed) {
        this.upload = this.send();
        this.pieces.forEach((piece) => this.upload.push(piece));
        this.upload.end();
      }
      const recording = await this.upload.done;
      const { address } = await send("POST", `${recording}/finish`, { live: this.wasLive });
      location.assign(address);
    } catch (error) {
      this.part.sending.textContent = "";
      this.page.complain(message("failed", { reason: error.message }), "try_again", () => this.analyse());
    }
  }
}
