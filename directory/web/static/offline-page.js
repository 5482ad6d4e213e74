// Lists the pages that were kept on this device, the newest first, and forgets them when asked.
"use strict";
(async () => {
  if (!window.caches) return;
  const section = document.getElementById("pages");
  const list = section.querySelector("ul");
  const pages = await caches.open("pages");
  const kept = (await pages.keys()).reverse();
  for (const request of kept) {
    const answer = await pages.match(request, { ignoreVary: true });
    const title = decodeURIComponent(answer.headers.get("x-title"));
    const link = document.createElement("a");
    link.href = request.url;
    // The title is text of a page, so that it holds entities.
    link.textContent = new DOMParser().parseFromString(title, "text/html").documentElement.textContent;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  section.hidden = !kept.length;
  document.getElementById("none").hidden = Boolean(kept.length);
  section.querySelector("button").addEventListener("click", async () => {
    await caches.delete("pages");
    section.hidden = true;
    document.getElementById("none").hidden = false;
  });
})();
