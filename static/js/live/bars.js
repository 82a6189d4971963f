/* Seven probabilities as bars with words, and the label above them: for the face, and for the voice. */

import { message, percent } from "../messages.js";

const EVERY_MS = 100;

export class Bars {
  /** Show on `root`, a list with an item for each of `names`. */
  constructor(root, names) {
    this.root = root;
    this.label = root.querySelector("[data-bars-label]");
    this.rows = names.map((name) => {
      const item = root.querySelector(`[data-emotion=${name}]`);
      return { fill: item.querySelector(".fill"), value: item.querySelector(".value") };
    });
    this.drawn = 0;
  }

  clear() {
    this.drawn = 0;
    this.write({ label: null, gap: null, p: null });
  }

  show(moment) {
    const now = performance.now();
    if (now - this.drawn < EVERY_MS) return;
    this.drawn = now;
    this.write(moment);
  }

  write({ label, gap, p }) {
    this.root.dataset.label = label ?? "";
    this.label.textContent = label ? message(label) : gap ? message(gap) : "–";
    this.rows.forEach(({ fill, value }, i) => {
      fill.style.transform = `scaleX(${p ? p[i] : 0})`;
      value.textContent = p ? percent(p[i]) : "";
    });
  }
}
