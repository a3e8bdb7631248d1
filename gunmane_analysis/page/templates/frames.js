(function () {
  "use strict";
  function reach() {
    var frames = Array.prototype.slice.call(document.querySelectorAll("figure, .table-frame, .formula"));
    var wide = frames.map(function (frame) { return frame.scrollWidth > frame.clientWidth; });
    frames.forEach(function (frame, place) {
      if (wide[place]) {
        frame.tabIndex = 0;
        if (frame.dataset.label) {
          frame.setAttribute("role", "region");
          frame.setAttribute("aria-labelledby", frame.dataset.label);
        }
      } else {
        ["tabindex", "role", "aria-labelledby"].forEach(function (name) { frame.removeAttribute(name); });
      }
    });
  }
  window.addEventListener("resize", reach);
  reach();
}());
