/* The written answer: a live word count with a hint, and a draft that survives a reload of the tab. */

import { message } from "./messages.js";

const area = document.querySelector("[data-writing]");
const count = document.getElementById("count");
const file = document.getElementById("document");
const least = Number(area.dataset.least);
const draftKey = `draft ${document.querySelector("input[name=step], input[name=question]").value}`;

/** Count words as runs of letters and digits, apostrophes and hyphens inside them included. */
export function countWords(text) {
  return (text.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) || []).length;
}

function show() {
  const words = countWords(area.value);
  if (words === 0) count.textContent = count.dataset.empty;
  else if (words < least) count.textContent = message("words_short", { count: words, least });
  else count.textContent = message("words", { count: words });
}

function keep() {
  if (area.value) sessionStorage.setItem(draftKey, area.value);
  else sessionStorage.removeItem(draftKey);
}

count.dataset.empty = count.textContent;
if (!area.value) area.value = sessionStorage.getItem(draftKey) || "";
area.addEventListener("input", () => {
  show();
  keep();
});
area.form.addEventListener("submit", (event) => {
  if (area.value.trim() || file.files.length) return;
  event.preventDefault();
  area.focus();
});
show();
