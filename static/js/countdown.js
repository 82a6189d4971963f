/* Count down aloud to the eye: thinking time, and the last seconds before a recording. */

import { message } from "./messages.js";

const TICK_MS = 100;

/** Show `word` and the seconds left in `part`; `done` resolves with true at the end or after `skip()`, with false after `interrupt()`. */
export function countDown(part, word, seconds) {
  const end = performance.now() + seconds * 1000;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const tick = () => {
    const left = (end - performance.now()) / 1000;
    part["count-number"].textContent = String(Math.ceil(Math.max(0, left)));
    if (left <= 0) finish(true);
  };
  part["count-word"].textContent = message(word);
  const timer = setInterval(tick, TICK_MS);
  tick();
  return { done: done.finally(() => clearInterval(timer)), skip: () => finish(true), interrupt: () => finish(false) };
}
