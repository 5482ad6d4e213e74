// Keys for whoever works through a list; without this file plain links do the same. Single letters
// can be in the way of other programs, so that they can be turned off (WCAG 2.2, 2.1.4).
"use strict";
const list = document.querySelector(".work");
const hint = document.querySelector(".keys");

if (list && hint) {
  const OFF = "keys-off";
  const button = hint.querySelector("button");
  const titles = [...list.querySelectorAll("a.title")];
  const isOff = () => localStorage.getItem(OFF) === "yes";
  const show = () => {
    hint.classList.toggle("off", isOff());
    button.textContent = isOff() ? "Turn the keys on" : "Turn the keys off";
  };
  const current = () => titles.findIndex((title) => title.closest("li").contains(document.activeElement));
  const move = (step) => titles[Math.min(Math.max(current() + step, 0), titles.length - 1)].focus();

  button.addEventListener("click", () => {
    localStorage.setItem(OFF, isOff() ? "no" : "yes");
    show();
  });
  document.addEventListener("keydown", (event) => {
    const elsewhere = event.target.closest("input, select, textarea, [contenteditable]");
    if (isOff() || elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "o" && current() >= 0) titles[current()].click();
    else return;
    event.preventDefault();
  });
  hint.hidden = false;
  show();
}
