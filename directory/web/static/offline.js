// Has the pages of this visit kept, and says so when one is shown without the network.
"use strict";
{
  const root = document.documentElement;
  const said = document.getElementById("kept");
  // The page that lists what is kept writes days in the same way.
  const day = window.keptDay = (when) =>
    new Date(when).toLocaleDateString(root.lang === "en" ? "en-GB" : root.lang, { day: "numeric", month: "long" });
  const say = () => {
    const { offline, silent, kept } = said.dataset;
    const since = root.dataset.kept;
    const words = since ? (navigator.onLine ? silent : kept) : navigator.onLine ? "" : offline;
    said.textContent = words.replace("{day}", since ? day(since) : "");
  };

  // A screen reader speaks what changes in a page that is there already.
  if (root.dataset.kept) setTimeout(say, 200);
  addEventListener("offline", say);
  addEventListener("online", say);
  if ("serviceWorker" in navigator) {
    addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
  }
}
