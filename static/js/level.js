/* The level meter: the microphone's loudness over the last seconds, drawn on a canvas. */

const FLOOR_DB = -60;
const LOUD_DB = -3; // peak
const FLAT_PEAK = 0.0008; // below the noise of any microphone that is on
const BAR_PIXELS = 6;
const BAR_SECONDS = 0.05;
const FLAT_SECONDS = 3;

export class LevelMeter {
  /** Draw on `canvas`; `onChange("heard" | "silent" | "loud" | "muted")` is called when the state changes. */
  constructor(canvas, onChange) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.state = "silent";
  }

  start(stream) {
    this.stop();
    this.context = new AudioContext();
    this.context.resume();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.bars = [];
    this.sounded = this.drawn = performance.now();
    this.spoke = 0;
    this.change("silent");
    const step = (now) => {
      this.frame = requestAnimationFrame(step);
      if (now - this.drawn < BAR_SECONDS * 1000) return;
      this.drawn = now;
      this.measure(now);
      this.draw();
    };
    this.frame = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.context?.close();
    this.context = null;
  }

  measure(now) {
    this.analyser.getFloatTimeDomainData(this.samples);
    let peak = 0;
    let squares = 0;
    for (const sample of this.samples) {
      peak = Math.max(peak, Math.abs(sample));
      squares += sample * sample;
    }
    const decibels = 10 * Math.log10(squares / this.samples.length + 1e-12);
    const loudness = Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
    this.bars.push(loudness);
    if (peak > FLAT_PEAK) this.sounded = now;
    if (loudness > 0.35) this.spoke = now;
    if (20 * Math.log10(peak + 1e-9) > LOUD_DB) this.change("loud");
    else if (now - this.sounded > FLAT_SECONDS * 1000) this.change("muted");
    else if (now - this.spoke < FLAT_SECONDS * 1000) this.change("heard");
    else this.change("silent");
  }

  change(state) {
    if (state === this.state) return;
    this.state = state;
    this.onChange(state);
  }

  draw() {
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    const bar = BAR_PIXELS * scale;
    const room = Math.ceil(width / bar);
    this.bars = this.bars.slice(-room);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(canvas).color;
    this.bars.forEach((loudness, i) => {
      const tall = Math.max(2 * scale, loudness * height * 0.9);
      const x = width - (this.bars.length - i) * bar;
      pen.beginPath();
      pen.roundRect(x, (height - tall) / 2, bar * 0.5, tall, bar * 0.25);
      pen.fill();
    });
  }
}
