(function () {
  "use strict";
  var FIRST = 200;
  var data = JSON.parse(document.getElementById("area-data").textContent);
  var table = document.querySelector("table.searchable"), body = table.tBodies[0];
  var heads = Array.from(table.tHead.rows[0].cells);
  var byId = function (id) { return document.getElementById(id); };
  var query = byId("query"), level = byId("level"), prefecture = byId("prefecture");
  var found = byId("found"), more = byId("more"), status = document.querySelector(".sort-status");
  var order = { index: -1, direction: "" };
  var names = {};

  function plain(text) {
    return text.normalize("NFKC").toLowerCase().replace(/[ァ-ヶ]/g, function (kana) {
      return String.fromCharCode(kana.charCodeAt(0) - 0x60);
    });
  }

  var areas = data.rows.map(function (line) {
    var parts = line.split("|");
    var area = { id: parts[0], name: parts[1], kana: parts[2], kind: parts[3], within: parts[4],
                 state: Number(parts[5]), values: parts.slice(6) };
    if (area.kind === "prefecture") { names[area.id] = area.name + " " + area.kana; }
    area.cells = [area.name, data.kinds[area.kind]].concat(area.values, [data.states[area.state]]);
    return area;
  });
  areas.forEach(function (area) {
    area.key = plain([area.name, area.kana, names[area.within] || ""].join(" "));
  });

  function number(shown) {
    return shown === "…" || shown === "－" ? null
      : Number(shown.replace(/,/g, "").replace("△", "-"));
  }

  function matches(area, words) {
    return (!level.value || area.kind === level.value)
      && (!prefecture.value || area.within === prefecture.value)
      && words.every(function (word) {
        return /^\d+$/.test(word)
          ? area.id.startsWith(word) || (word.length === 6 && area.id === word.slice(0, 5))
          : area.key.includes(word) || area.id === word;
      });
  }

  function sorted(list) {
    if (!order.direction) { return list; }
    var isNumber = heads[order.index].classList.contains("n");
    var sign = order.direction === "descending" ? -1 : 1;
    var keyed = list.map(function (area) {
      var shown = area.cells[order.index];
      return { area: area, value: isNumber ? number(shown) : shown };
    });
    keyed.sort(function (first, second) {
      var a = first.value, b = second.value;
      if (a === null || b === null) { return (a === null) - (b === null); }
      return sign * (isNumber ? a - b : a.localeCompare(b, "ja"));
    });
    return keyed.map(function (item) { return item.area; });
  }

  function put(parent, name, text, klass) {
    var made = document.createElement(name);
    made.textContent = text;
    if (klass) { made.className = klass; }
    parent.append(made);
    return made;
  }

  function fill(cell, shown) {
    var words = { "△": "マイナス", "…": "数値なし", "－": "該当なし" }[shown[0]];
    if (!words) { cell.textContent = shown; return; }
    put(cell, "i", shown[0]).setAttribute("aria-hidden", "true");
    put(cell, "b", words, "h");
    cell.append(shown.slice(1));
  }

  function rowOf(area) {
    var row = document.createElement("tr"), head = put(row, "th", "");
    row.id = "area-" + area.id;
    head.scope = "row";
    if (area.state === 1 || area.state === 2) {
      head.textContent = area.name;
    } else {
      put(head, "a", area.name).href = area.id + "/index.html";
    }
    put(row, "td", data.kinds[area.kind]);
    area.values.forEach(function (shown) {
      var cell = put(row, "td", "", "n"), value = number(shown);
      if (value !== null) { cell.dataset.v = value; }
      fill(cell, shown);
    });
    put(row, "td", data.states[area.state]);
    return row;
  }

  function show(all) {
    var words = plain(query.value).split(/\s+/).filter(Boolean);
    var list = areas.filter(function (area) { return matches(area, words); });
    var shown = sorted(list).slice(0, all === true ? list.length : FIRST);
    body.replaceChildren.apply(body, shown.map(rowOf));
    more.hidden = shown.length === list.length;
    more.textContent = "残りの" + (list.length - shown.length).toLocaleString("ja") + "地域も表示";
    found.textContent = list.length === 0 ? "当てはまる地域はありません。"
      : areas.length.toLocaleString("ja") + "地域のうち" + list.length.toLocaleString("ja")
        + "地域" + (more.hidden ? "を表示しています。" : "（うち" + shown.length + "地域を表示）。");
  }

  heads.forEach(function (th, index) {
    var head = th.querySelector(".head"), button = document.createElement("button");
    var isNumber = th.classList.contains("n"), label = head.firstChild.textContent;
    var steps = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
    button.type = "button";
    button.className = "sort";
    button.append.apply(button, Array.from(head.cloneNode(true).childNodes));
    button.addEventListener("click", function () {
      var next = steps[steps.indexOf(th.getAttribute("aria-sort")) + 1] || "";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      if (next) { th.setAttribute("aria-sort", next); }
      order = { index: index, direction: next };
      show();
      status.textContent = !next ? "もとの順に戻しました。"
        : "「" + label + "」" + (next === "descending" ? "の大きい順" : "の小さい順")
          + "に並べ替えました。";
    });
    th.append(button);
  });
  table.classList.add("ready");
  status.textContent = "見出しを押すと並べ替えられます。";
  query.addEventListener("input", show);
  level.addEventListener("change", show);
  prefecture.addEventListener("change", show);
  more.addEventListener("click", function () { show(true); });
  document.querySelector(".search").hidden = false;
  found.textContent = areas.length.toLocaleString("ja")
    + "地域から探せます。全国、地方、都道府県を表示しています。";
  more.hidden = false;
  more.textContent = "市区町村も表示";

  function open() {
    var id = decodeURIComponent(location.hash).replace("#area-", "");
    var area = areas.find(function (one) { return one.id === id; });
    if (!area || byId("area-" + id)) { return; }
    query.value = area.name;
    show();
    byId("area-" + id).scrollIntoView();
  }
  window.addEventListener("hashchange", open);
  open();
}());
