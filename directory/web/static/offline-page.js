// Lists the pages that were kept on this device, the newest first, and forgets them when asked.
"use strict";
(async () => {
  if (!window.caches) return;
  const section = document.getElementById("pages");
  const list = section.querySelector("ul");
  const site = document.title.slice(document.title.lastIndexOf(" · "));
  const show = (some) => {
    section.hidden = !some;
    document.getElementById("none").hidden = some;
  };

  const pages = await caches.open("pages");
  const kept = (await pages.keys()).reverse();
  for (const request of kept) {
    const { headers } = await pages.match(request, { ignoreVary: true });
    // It was taken from the text of a page, so that it holds entities.
    const title = new DOMParser().parseFromString(decodeURIComponent(headers.get("x-title")), "text/html");
    const link = document.createElement("a");
    link.href = request.url;
    link.textContent = title.documentElement.textContent.replace(site, "");
    const since = document.createElement("span");
    since.className = "small quiet";
    since.textContent = list.dataset.words.replace("{day}", window.keptDay(headers.get("x-kept")));
    const item = document.createElement("li");
    item.append(link, " ", since);
    list.append(item);
  }
  show(kept.length > 0);
  section.querySelector("button").addEventListener("click", async () => {
    await caches.delete("pages");
    show(false);
  });
})();
