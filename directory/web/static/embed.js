/* Shows a list or a search box of the directory in the page of another site.
   <a data-directory-list="kind=training" href="…">…</a> or data-directory-search: the link is
   replaced by a frame that is as high as what is in it. Without this script it stays a link. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || !window.URL || !window.postMessage) return;
  var site = new URL(script.src).origin;
  var frames = [];

  function show(element, shape) {
    var query = element.getAttribute("data-directory-" + shape);
    if (!query && element.href) query = element.href.split("#")[0].split("?")[1];
    var frame = document.createElement("iframe");
    frame.src = site + "/embed/" + shape + (query ? "?" + query : "");
    frame.title = (element.textContent || "").trim() || "Directory";
    frame.loading = "lazy";
    frame.style.width = "100%";
    frame.style.height = shape === "list" ? "420px" : "140px";
    frame.style.border = "0";
    frame.style.display = "block";
    frames.push(frame);
    element.parentNode.replaceChild(frame, element);
  }

  function start() {
    ["list", "search"].forEach(function (shape) {
      var found = document.querySelectorAll("[data-directory-" + shape + "]");
      Array.prototype.forEach.call(found, function (element) {
        // Another directory may have its own script on this page.
        var theirs = element.href && element.href.indexOf(site + "/") !== 0;
        if (!theirs) show(element, shape);
      });
    });
  }

  window.addEventListener("message", function (event) {
    if (event.origin !== site || !event.data) return;
    var height = Number(event.data.directoryHeight);
    if (!(height > 0 && height < 20000)) return;
    frames.forEach(function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = Math.ceil(height) + "px";
    });
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
