/* The charts: Vega-Lite documents of the server, drawn without eval, in the page's own colours, light or dark. */

import { message } from "./messages.js";

const ROOT = "[data-charts]";
const FIGURE = "[data-chart]";
const FONT = "Inter, system-ui, sans-serif";
const SMALL = 14; // px, the smallest text of the page
const NARROW = 520; // px, a phone
const LETTER = 8; // px that a label beside a narrow chart gets for each letter ...
const NARROW_LABELS = [100, 148]; // px, at least and at most
const NARROW_TICKS = 4;
const PLAYHEAD = "playhead";
const NUMBERS = { fr: { decimal: ",", thousands: "\u00a0", grouping: [3], currency: ["", "\u00a0€"], percent: "\u202f%" } }; // d3-format's locales; English is its own

/** Return the Vega config in the page's colours. */
export function chartConfig() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const [ink, quiet, line] = [colour("--ink"), colour("--quiet"), colour("--line")];
  const words = { labelFont: FONT, titleFont: FONT, labelFontSize: SMALL, titleFontSize: SMALL, titleFontWeight: 500 };
  return {
    background: "transparent",
    font: FONT,
    padding: 4,
    view: { stroke: null },
    text: { color: ink, font: FONT, fontSize: SMALL },
    rule: { color: ink },
    point: { color: ink },
    tick: { color: ink },
    bar: { color: ink },
    line: { color: ink },
    title: { color: ink, subtitleColor: quiet, font: FONT, fontSize: 16, fontWeight: 560 },
    axis: { ...words, labelColor: quiet, titleColor: quiet, domainColor: line, tickColor: line, gridColor: line, labelLimit: 200 },
    legend: { ...words, labelColor: ink, titleColor: quiet, symbolSize: 120, orient: "bottom", columns: { signal: "max(2, floor(width / 120))" } },
    header: { ...words, labelColor: ink, titleColor: quiet },
  };
}

/** Return a chart's document with the playhead in the accent, and with less room for labels where it is narrow. */
function fitted(document_, width) {
  const copy = structuredClone(document_);
  const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
  for (const layer of copy.layer ?? []) {
    const { x, y } = layer.encoding ?? {};
    if (x?.datum?.expr === PLAYHEAD) layer.mark = { ...(layer.mark.type ? layer.mark : { type: layer.mark }), color: accent, strokeWidth: 2 };
    if (width >= NARROW) continue;
    if (y?.axis?.minExtent) {
      const letters = Math.max(...[...(y.axis.labelExpr ?? "").matchAll(/"([^"]*)"/g)].map(([, label]) => label.length), 0);
      const room = Math.min(Math.max(letters * LETTER, NARROW_LABELS[0]), NARROW_LABELS[1]);
      Object.assign(y.axis, { minExtent: room, maxExtent: room, labelLimit: room - 8, labelPadding: 6 });
    }
    if (x?.axis) Object.assign(x.axis, { tickCount: NARROW_TICKS, labelOverlap: true, labelSeparation: SMALL / 2 });
  }
  return copy;
}

/** Draw one figure's chart; resolve with its Vega view. */
async function draw(figure, document_) {
  const canvas = figure.querySelector(".canvas");
  const narrow = canvas.clientWidth < NARROW;
  const { view } = await window.vegaEmbed(canvas, fitted(document_, canvas.clientWidth), {
    ast: true,
    renderer: "canvas",
    actions: false,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    formatLocale: NUMBERS[document.documentElement.lang],
    config: { ...chartConfig(), padding: narrow ? { left: 0, top: 4, right: 20, bottom: 4 } : 4 },
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", document_.usermeta?.description || document_.description || figure.querySelector("figcaption").textContent);
  return view;
}

/** Draw every chart of the page, and again when the colours change; `onDraw(figure, view)` is called after each. */
export async function drawCharts(onDraw) {
  const root = document.querySelector(ROOT);
  const figures = [...root.querySelectorAll(FIGURE)];
  if (!figures.length) return;
  const response = await fetch(root.dataset.charts, { headers: { Accept: "application/json" } });
  const charts = response.ok ? await response.json() : {};
  await document.fonts.ready;
  const views = new Map();
  const drawOne = async (figure) => {
    try {
      views.get(figure)?.finalize();
      const view = await draw(figure, charts[figure.dataset.chart]);
      views.set(figure, view);
      onDraw(figure, view);
    } catch (error) {
      console.warn(error);
      figure.querySelector(".canvas").textContent = message("chart");
    }
  };
  await Promise.all(figures.map(drawOne));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach(drawOne));
}
