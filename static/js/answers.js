/* One's own answers: rename, count among the others, delete after being asked. Without this module the forms do the same. */

import { message } from "./messages.js";
import { send } from "./request.js";

const dialog = document.getElementById("confirm");
const said = document.querySelector("[data-said]");
const trouble = dialog.querySelector(".note");
let chosen = null;

function complain(sentence) {
  trouble.querySelector("span").textContent = sentence;
  trouble.hidden = !sentence;
}

function say(sentence) {
  if (said) said.textContent = sentence;
}

for (const form of document.querySelectorAll("form[data-delete]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    chosen = form;
    complain("");
    dialog.showModal();
  });
}

dialog.addEventListener("submit", async (event) => {
  if (event.submitter?.value !== "delete") return;
  event.preventDefault();
  event.submitter.disabled = true;
  try {
    await send("DELETE", chosen.dataset.delete);
    location.assign(chosen.dataset.then || location.href);
  } catch (error) {
    complain(error.message);
  } finally {
    event.submitter.disabled = false;
  }
});

for (const form of document.querySelectorAll("form[data-rename]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = form.elements.name.value.trim();
    try {
      await send("PATCH", form.dataset.rename, { name });
      const shown = document.querySelector("[data-name]");
      if (shown) shown.textContent = name;
      say(message("renamed"));
    } catch (error) {
      say(error.message);
    }
  });
}

for (const form of document.querySelectorAll("form[data-others]")) {
  form.addEventListener("change", async (event) => {
    try {
      await send("PATCH", form.dataset.others, { others: event.target.checked });
      say(message("changed"));
    } catch (error) {
      event.target.checked = !event.target.checked;
      say(error.message);
    }
  });
}
