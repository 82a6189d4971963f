/* Camera and microphone on their way to the link: one small picture for each that fits, and all of the sound. */

const FALLBACK_MS = 40; // between two pictures, in browsers that do not tell of each

export class Senses {
  /** Look at `video` and listen to its stream; what they give goes to `link`. */
  constructor(video, link) {
    this.video = video;
    this.link = link;
    this.running = false;
  }

  async start(stream) {
    this.running = true;
    this.began = performance.now();
    this.last = 0;
    this.encoder = new Worker(new URL("./encoder.js", import.meta.url), { type: "module" });
    this.encoder.addEventListener("message", ({ data }) => this.pass(data));
    this.encoding = null;
    this.next();
    this.context = new AudioContext();
    this.context.resume();
    await this.context.audioWorklet.addModule(new URL("./sound.js", import.meta.url));
    if (!this.running) return;
    const node = new AudioWorkletNode(this.context, "sound", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.running && this.link.sendSound(data, this.seconds());
    this.context.createMediaStreamSource(stream).connect(node);
  }

  stop() {
    this.running = false;
    this.encoder?.terminate();
    this.context?.close();
    this.context = this.encoder = null;
  }

  seconds() {
    return (performance.now() - this.began) / 1000;
  }

  next() {
    if (!this.running) return;
    const look = (now) => {
      this.look(now);
      this.next();
    };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(look);
    else setTimeout(() => look(performance.now()), FALLBACK_MS);
  }

  async look() {
    if (this.encoding || !this.link.hasRoom || !this.video.videoWidth) return;
    this.encoding = { began: performance.now(), seconds: Math.max(this.seconds(), this.last + 0.001) };
    this.last = this.encoding.seconds;
    try {
      const picture = await createImageBitmap(this.video);
      this.encoder?.postMessage(picture, [picture]);
    } catch (error) {
      this.encoding = null; // the camera gave no picture just now
      console.debug(error);
    }
  }

  pass(bytes) {
    const { began, seconds } = this.encoding;
    this.encoding = null;
    this.link.sendPicture(bytes, seconds, began);
  }
}
