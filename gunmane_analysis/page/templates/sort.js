
(function () {
  "use strict";
  var WORDS = { ascending: "の小さい順", descending: "の大きい順" };
  var TEXT_WORDS = { ascending: "の昇順", descending: "の降順" };

  function value(row, index, isNumber) {
    var cell = row.cells[index];
    if (!isNumber) { return cell.textContent; }
    var number = parseFloat(cell.textContent.replace("△マイナス", "-").replace(/,/g, ""));
    return isNaN(number) ? null : number;
  }

  function compare(a, b) {
    return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "ja");
  }

  function sorted(rows, index, isNumber, direction) {
    var sign = direction === "descending" ? -1 : 1;
    return rows.slice().sort(function (first, second) {
      var a = value(first, index, isNumber), b = value(second, index, isNumber);
      if (a === null || b === null) { return (a === null) - (b === null); }
      return sign * compare(a, b);
    });
  }

  function makeSortable(table) {
    var body = table.tBodies[0], original = Array.from(body.rows);
    var status = table.parentElement.nextElementSibling;
    var heads = Array.from(table.tHead.rows[0].cells);

    function order(th, index, label) {
      var isNumber = th.classList.contains("n");
      var steps = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
      var next = steps[steps.indexOf(th.getAttribute("aria-sort")) + 1];
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      if (next) { th.setAttribute("aria-sort", next); }
      (next ? sorted(original, index, isNumber, next) : original).forEach(function (row) { body.append(row); });
      status.textContent = next
        ? "「" + label + "」" + (isNumber ? WORDS : TEXT_WORDS)[next] + "に並べ替えました。"
        : "もとの順に戻しました。";
    }

    heads.forEach(function (th, index) {
      var head = th.querySelector(".head"), button = document.createElement("button");
      var label = head.textContent;
      button.type = "button";
      button.className = "sort";
      button.append.apply(button, Array.from(head.cloneNode(true).childNodes));
      button.addEventListener("click", function () { order(th, index, label); });
      th.append(button);
    });
    table.classList.add("ready");
    status.textContent = "見出しを押すと並べ替えられます。";
  }

  document.querySelectorAll("table.sortable").forEach(makeSortable);
}());
