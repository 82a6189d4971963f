/* Times in the reader's own time zone; the server writes them in UTC. */

const FORMATS = {
  minute: { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { day: "numeric", month: "long", year: "numeric" },
};

for (const element of document.querySelectorAll("time[data-local]")) {
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  element.textContent = new Intl.DateTimeFormat(language, FORMATS[element.dataset.local]).format(new Date(element.dateTime));
}
