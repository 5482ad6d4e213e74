// Fetches htmx when somebody reaches for the page or goes through it: the first view works without
// it, and on a weak line its 15 kB take half a second. What was typed meanwhile is told to it once
// it is here; a form that was sent meanwhile is sent as any form is.
"use strict";
{
  const source = document.currentScript.dataset.htmx;
  let touched = null;

  const fetchIt = () => {
    removeEventListener("focusin", fetchIt);
    removeEventListener("scroll", fetchIt);
    removeEventListener("pointerover", hover);
    // It starts by itself only in a page that is complete.
    if (document.readyState !== "complete") return addEventListener("load", fetchIt);
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", () => {
      removeEventListener("input", remember);
      if (touched) touched.dispatchEvent(new Event("input", { bubbles: true }));
    });
    script.addEventListener("error", () => touched && touched.form.submit());
    document.head.append(script);
  };
  const hover = (event) => {
    if (event.pointerType === "mouse") fetchIt();
  };
  const remember = (event) => {
    if (!touched) fetchIt();
    touched = event.target;
  };
  addEventListener("focusin", fetchIt);
  addEventListener("scroll", fetchIt, { passive: true });
  addEventListener("pointerover", hover);
  addEventListener("input", remember);
  // Steps that htmx made before the page was loaded again are steps of pages.
  addEventListener("popstate", (event) => {
    if (!window.htmx && event.state && event.state.htmx) location.reload();
  });
}
