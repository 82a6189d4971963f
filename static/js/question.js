/* A question of one's own takes the place of the bank's while it is typed. */

const heading = document.getElementById("question");
const own = document.getElementById("own-question");

own?.addEventListener("input", () => {
  heading.textContent = own.value.trim() || heading.dataset.bank;
});
own?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});
