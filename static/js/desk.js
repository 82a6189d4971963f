/* A comment at the moment where the player is. Without this module the moment is typed. */

const player = document.querySelector("[data-player]");
const seconds = document.getElementById("seconds");
const button = document.querySelector("[data-now]");

/** Return seconds as m:ss.s, the form in which a moment is typed. */
function moment(time) {
  const tenths = Math.round(time * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

if (player && button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    player.pause();
    seconds.value = moment(player.currentTime);
    document.getElementById("text").focus();
  });
}
