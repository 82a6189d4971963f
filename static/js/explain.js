/* What the model looked at in the moment that the player shows: asked of the server, shown below. Without this module the form opens a page. */

import { send } from "./request.js";

const form = document.querySelector("[data-explain]");
const shown = document.querySelector("[data-explanation]");
const player = document.querySelector("[data-player]");

function say(sentence) {
  const line = document.createElement("p");
  line.textContent = sentence;
  shown.replaceChildren(line);
}

if (form && player) {
  const button = form.querySelector("button");
  button.textContent = button.dataset.now;
  form.classList.add("playing");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    player.pause();
    button.disabled = true;
    say(shown.dataset.waiting);
    try {
      const { html } = await send("POST", form.action, { at: player.currentTime });
      shown.innerHTML = html;
    } catch (error) {
      say(error.message);
    } finally {
      button.disabled = false;
    }
  });
}
