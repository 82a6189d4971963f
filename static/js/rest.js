/* The break between two questions: its seconds run down; going on earlier is always possible. */

const shown = document.querySelector("[data-rest]");
const end = performance.now() + Number(shown.textContent) * 1000;

const timer = setInterval(() => {
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  shown.textContent = String(left);
  if (left > 0) return;
  clearInterval(timer);
  shown.closest(".note").hidden = true;
}, 250);
