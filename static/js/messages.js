/* The page's sentences, translated by the server: <script type="application/json" id="messages">. */

const block = document.getElementById("messages");
const sentences = block ? JSON.parse(block.textContent) : {};
const language = document.documentElement.lang;

/** Return the sentence `key` with its {name}s filled in. */
export function message(key, values = {}) {
  if (!(key in sentences)) throw new Error(`no message ${key}`);
  return sentences[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Return a number in the page's language. */
export function number(value, digits = 0) {
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Return a share of 1 as whole percent in the page's language. */
export function percent(share) {
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits: 0 });
}

/** Return bytes as kB or MB in the page's language. */
export function size(bytes) {
  return bytes < 1e6 ? `${number(bytes / 1e3)} kB` : `${number(bytes / 1e6, 1)} MB`;
}

/** Return seconds as m:ss. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
