// Shows the passage of a value while it is pointed at or has the focus. Without this file the links
// beside each value lead to the same passage.
"use strict";
const text = document.querySelector(".read-text");
let shown = [];

const hide = () => {
  for (const mark of shown) mark.classList.remove("shown");
  shown = [];
};

const show = (passage) => {
  hide();
  const [block, start, end] = passage.split("-").map(Number);
  for (const mark of text.querySelectorAll(`#b${block} mark`)) {
    const from = Number(mark.id.split("-")[1]);
    if (from >= start && from + mark.textContent.length <= end) shown.push(mark);
  }
  for (const mark of shown) mark.classList.add("shown");
  // Only the pane of the text moves, and only to what is out of sight; the page stays.
  if (!shown.length || !matchMedia("(min-width: 60rem)").matches) return;
  const mark = shown[0].getBoundingClientRect();
  const pane = text.getBoundingClientRect();
  if (mark.top < pane.top || mark.bottom > Math.min(pane.bottom, innerHeight)) {
    text.scrollTop += mark.top - pane.top - 120;
  }
};

if (text) {
  for (const [event, ends] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    document.addEventListener(event, (e) => {
      const at = e.target.closest("[data-passage]");
      if (at) show(at.dataset.passage);
    });
    document.addEventListener(ends, hide);
  }
}
