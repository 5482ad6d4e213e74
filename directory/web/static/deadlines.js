/* Says when a deadline ends where the reader is, beside the words that need no script. */
// The page writes English dates with the day first.
const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const words = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "short" });
for (const place of document.querySelectorAll("[data-ends]")) {
  // The day ends with its last minute: people would read 00:00 as the beginning of it.
  const end = new Date(Date.parse(place.dataset.ends) - 60000);
  const time = place.querySelector("time");
  time.textContent = words.format(end);
  place.hidden = false;
}
