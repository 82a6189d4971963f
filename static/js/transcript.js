/* The words move with the player: the one that is being said is marked, a click on a word seeks. */

const ROOT = "[data-transcript]";
const WORD = "[data-from]";
const NOW = "now";

const root = document.querySelector(ROOT);
const player = document.querySelector("[data-player]");
const words = root ? [...root.querySelectorAll(WORD)].map((element) => ({ element, from: Number(element.dataset.from), to: Number(element.dataset.to) })) : [];
let marked = null;

function mark() {
  const t = player.currentTime;
  const said = words.find((word) => t >= word.from && t < word.to)?.element ?? null;
  if (said === marked) return;
  marked?.classList.remove(NOW);
  said?.classList.add(NOW);
  marked = said;
}

if (player && words.length) {
  root.classList.add("playable");
  for (const event of ["timeupdate", "seeked"]) player.addEventListener(event, mark);
  root.addEventListener("click", (event) => {
    const word = event.target.closest(WORD);
    if (word) player.currentTime = Number(word.dataset.from);
  });
}
