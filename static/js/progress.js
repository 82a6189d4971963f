/* A running analysis: stage, percentage and time left, asked for each second; the page shows the results when they are there. */

import { message, number, percent } from "./messages.js";

const EVERY_MS = 1000;
const OFFLINE_MS = 4000;
const MINUTE = 60;

const root = document.querySelector("[data-progress]");
const part = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((element) => [element.dataset.part, element]));

function left(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < MINUTE * 1.5) return message("left_seconds", { seconds: number(Math.max(1, Math.ceil(seconds))) });
  return message("left_minutes", { minutes: number(Math.round(seconds / MINUTE)) });
}

function show(job) {
  const waiting = job.state === "waiting";
  const stage = waiting ? (job.ahead ? message("ahead", { count: number(job.ahead) }) : message("next")) : job.stage;
  if (stage && stage !== part.stage.textContent) {
    part.stage.textContent = stage;
    part.said.textContent = stage;
  }
  part.bar.value = job.share ?? 0;
  part.share.textContent = percent(job.share ?? 0);
  part.left.textContent = waiting ? "" : left(job.seconds_left);
}

async function ask() {
  try {
    const response = await fetch(root.dataset.progress, { headers: { Accept: "application/json" } });
    if (response.ok) {
      const job = await response.json();
      if (job.state === "done" || job.state === "failed") {
        location.reload();
        return;
      }
      show(job);
    } else if (response.status === 404) {
      location.reload();
      return;
    }
    setTimeout(ask, EVERY_MS);
  } catch {
    part.left.textContent = message("offline");
    setTimeout(ask, OFFLINE_MS);
  }
}

ask();
