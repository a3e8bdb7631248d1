(function () {
  "use strict";
  function reach() {
    document.querySelectorAll("figure").forEach(function (figure) {
      if (figure.scrollWidth > figure.clientWidth) { figure.tabIndex = 0; }
      else { figure.removeAttribute("tabindex"); }
    });
  }
  window.addEventListener("resize", reach);
  reach();
}());
