/* The last thirty seconds: a ribbon of labels for face and voice, and a row for each of the face's seven probabilities. */

const SECONDS = 30;
const EVERY_MS = 100;
const ROW = 28; // CSS pixels
const RIBBON = 20;
const SPACE = 6;
const FULL = 0.9; // of a row's height that probability 1 takes
const HOLE_SECONDS = 1; // without a moment, across which nothing is drawn
const HATCH = 7;
const FONT = "14px Inter, system-ui, sans-serif";

export class RollingChart {
  /** Draw on `canvas`; `names` are the emotions' keys, `words` what is written beside the rows. */
  constructor(canvas, names, words) {
    Object.assign(this, { canvas, names, words });
    this.face = [];
    this.voice = [];
    this.drawn = 0;
    canvas.height = 0;
    this.size();
  }

  /** Return the height in CSS pixels: two ribbons, seven rows, and the line of seconds. */
  static height(rows) {
    return 2 * (RIBBON + SPACE) + rows * ROW + 24;
  }

  size() {
    this.canvas.style.height = `${RollingChart.height(this.names.length)}px`;
  }

  clear() {
    this.face = [];
    this.voice = [];
    this.draw(0);
  }

  see(t, moment) {
    this.face.push({ ...moment, t });
    while (this.face[0].t < t - SECONDS - HOLE_SECONDS) this.face.shift();
    this.refresh(t);
  }

  hear(t, moment, now) {
    this.voice.push({ ...moment, t });
    while (this.voice[0].t < now - SECONDS - HOLE_SECONDS) this.voice.shift();
  }

  refresh(t) {
    const now = performance.now();
    if (now - this.drawn < EVERY_MS) return;
    this.drawn = now;
    this.draw(t);
  }

  draw(end) {
    const { canvas } = this;
    const density = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
      Object.assign(canvas, { width: Math.round(width * density), height: Math.round(height * density) });
    }
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = FONT;
    pen.textBaseline = "middle";
    const left = Math.ceil(Math.max(...Object.values(this.words).map((word) => pen.measureText(word).width))) + 14;
    const x = (t) => width - ((end - t) / SECONDS) * (width - left);
    const paint = { pen, colour, x, left, width };
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, width - left, height);
    pen.clip();
    this.ribbon(paint, this.face, SPACE / 2, 0.2);
    this.ribbon(paint, this.voice, RIBBON + SPACE * 1.5, 0.5);
    const first = 2 * (RIBBON + SPACE);
    this.names.forEach((name, i) => this.row(paint, i, colour(name), first + (i + 1) * ROW));
    pen.restore();
    pen.fillStyle = colour("quiet");
    pen.textAlign = "right";
    pen.fillText(this.words.face, left - 14, SPACE / 2 + RIBBON / 2);
    pen.fillText(this.words.voice, left - 14, RIBBON + SPACE * 1.5 + RIBBON / 2);
    this.names.forEach((name, i) => pen.fillText(this.words[name], left - 14, first + (i + 0.62) * ROW));
    this.seconds(paint, height - 10);
  }

  seconds({ pen, colour, left, width }, y) {
    pen.fillStyle = colour("quiet");
    for (const back of [30, 20, 10, 0]) {
      pen.textAlign = back === 30 ? "left" : back === 0 ? "right" : "center";
      pen.fillText(back ? `−${back} s` : "0", width - (back / SECONDS) * (width - left), y);
    }
  }

  /** Draw stretches of one label as a bar in its colour; unclear ones and gaps are hatched. */
  ribbon({ pen, colour, x }, moments, y, step) {
    let begin = 0;
    for (let i = 1; i <= moments.length; i += 1) {
      const [a, b] = [moments[begin], moments[i]];
      const goes = b && b.label === a.label && b.gap === a.gap && b.t - moments[i - 1].t < HOLE_SECONDS;
      if (goes) continue;
      const last = moments[i - 1].t;
      const end = b && b.t - last < HOLE_SECONDS ? b.t : last + step;
      this.bar(pen, colour, a.label, x(a.t), y, x(end) - x(a.t));
      begin = i;
    }
  }

  bar(pen, colour, label, x, y, width) {
    if (label && label !== "unclear") {
      pen.fillStyle = colour(label);
      pen.fillRect(x, y, width, RIBBON);
      return;
    }
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, RIBBON);
    pen.clip();
    pen.strokeStyle = colour("edge");
    pen.lineWidth = 1;
    pen.beginPath();
    for (let at = Math.floor((x - RIBBON) / HATCH) * HATCH; at < x + width; at += HATCH) {
      pen.moveTo(at, y + RIBBON);
      pen.lineTo(at + RIBBON, y);
    }
    pen.stroke();
    pen.restore();
  }

  row({ pen, x }, index, colour, base) {
    let points = [];
    const flush = () => {
      if (points.length > 1) {
        pen.beginPath();
        pen.moveTo(points[0][0], base);
        for (const [px, py] of points) pen.lineTo(px, py);
        pen.lineTo(points.at(-1)[0], base);
        pen.globalAlpha = 0.35;
        pen.fillStyle = colour;
        pen.fill();
        pen.globalAlpha = 1;
        pen.beginPath();
        points.forEach(([px, py], i) => (i ? pen.lineTo(px, py) : pen.moveTo(px, py)));
        pen.strokeStyle = colour;
        pen.lineWidth = 1.5;
        pen.stroke();
      }
      points = [];
    };
    let before = null;
    for (const moment of this.face) {
      if (!moment.p || (before !== null && moment.t - before > HOLE_SECONDS)) flush();
      if (moment.p) {
        points.push([x(moment.t), base - moment.p[index] * ROW * FULL]);
        before = moment.t;
      }
    }
    flush();
  }
}
