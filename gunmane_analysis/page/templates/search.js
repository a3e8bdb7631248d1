
(function () {
  "use strict";
  var box = document.querySelector(".search"), query = document.getElementById("query");
  var found = document.getElementById("found");
  var rows = Array.from(document.querySelectorAll("table.searchable tbody tr"));

  function plain(text) {
    return text.normalize("NFKC").toLowerCase().replace(/[ァ-ヶ]/g, function (kana) {
      return String.fromCharCode(kana.charCodeAt(0) - 0x60);
    });
  }

  function show() {
    var wanted = plain(query.value).split(/\s+/).filter(Boolean), count = 0;
    rows.forEach(function (row) {
      var key = plain(row.dataset.k);
      row.hidden = !wanted.every(function (word) { return key.includes(word); });
      count += row.hidden ? 0 : 1;
    });
    found.textContent = wanted.length === 0 ? ""
      : count === 0 ? "当てはまる地域はありません。"
      : rows.length + "地域のうち" + count + "地域を表示しています。";
  }

  query.addEventListener("input", show);
  box.hidden = false;
}());
