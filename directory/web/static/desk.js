// Keys for whoever works through a list: plain links do the same without this file. Letters act only
// while the list has the focus (WCAG 2.2, 2.1.4), so that they are in nobody's way.
"use strict";
const list = document.querySelector(".work");
const hint = document.querySelector('[data-keys="list"]');

if (list && hint) {
  hint.hidden = false;
  const titles = [...list.querySelectorAll("a.title")];
  const move = (step) => {
    const row = document.activeElement.closest(".work > li");
    const at = titles.findIndex((title) => row && row.contains(title));
    titles[Math.min(Math.max(at + step, 0), titles.length - 1)].focus();
  };
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "ArrowDown") move(1);
    else if (event.key === "k" || event.key === "ArrowUp") move(-1);
    else if (event.key === "o") document.activeElement.closest("li").querySelector("a.title").click();
    else return;
    event.preventDefault();
  });
  // Whoever comes by keyboard starts at the first entry.
  if (!location.hash) titles[0].focus({ preventScroll: true });
}
