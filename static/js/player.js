/* Player and charts move together: the playhead follows the sound, a click in a chart or on a key frame seeks. */

const PLAYHEAD = "playhead";
const TIMED = "timed";

const player = document.querySelector("[data-player]");
const views = new Map();

function signals(view) {
  return Object.keys(view.getState({ signals: () => true, data: () => false }).signals);
}

function seek(seconds) {
  if (!player) return;
  player.currentTime = Math.max(0, seconds);
  moveTo(seconds);
}

function moveTo(seconds) {
  for (const view of views.values()) view.signal(PLAYHEAD, seconds).runAsync();
}

function follow() {
  moveTo(player.currentTime);
  if (!player.paused && !player.ended) requestAnimationFrame(follow);
}

function connect(figure, view) {
  if (!figure.classList.contains(TIMED)) return;
  if (signals(view).includes(PLAYHEAD)) views.set(figure, view);
  view.addEventListener("click", (event) => {
    const canvas = figure.querySelector("canvas");
    const x = event.clientX - canvas.getBoundingClientRect().left - view.origin()[0];
    const seconds = view.scale("x").invert(x);
    if (Number.isFinite(seconds)) seek(seconds);
  });
  if (player) moveTo(player.currentTime);
}

player?.addEventListener("play", follow);
for (const event of ["seeked", "timeupdate"]) player?.addEventListener(event, () => player.paused && moveTo(player.currentTime));

for (const button of document.querySelectorAll("[data-seek]")) {
  button.disabled = !player;
  button.addEventListener("click", () => {
    seek(Number(button.dataset.seek));
    player.scrollIntoView({ block: "nearest" });
  });
}

// Only now, since they are large: a click on a time must not wait for the charts, or be lost before them.
import("./charts.js").then(({ drawCharts }) => drawCharts(connect));
