/* Tells the page around how high the content is. The height is no secret: anybody may hear it. */
(function () {
  "use strict";
  if (window.parent === window) return;
  var told = 0;
  function tell() {
    var height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height && height !== told) window.parent.postMessage({ directoryHeight: height }, "*");
    told = height;
  }
  if (window.ResizeObserver) new ResizeObserver(tell).observe(document.documentElement);
  window.addEventListener("load", tell);
})();
