"""A prefecture's zip: every link inside leads to what is inside."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path

import pandas as pd

from gunmane_analysis.metrics.position.position import TIDY
from gunmane_analysis.page.pack import pack_name, prefecture_pack
from gunmane_analysis.page.records import AreaRecord

LINKS = (
    "../index.html", "../index.html#area-02", "../index.html#area-nowhere", "../japan/index.html",
    "../05/index.html", "../05204/index.html#summary", "../06/index.html",
)  # fmt: skip


def write_area(target: Path, area_id: str, kind: str) -> AreaRecord:
    folder = target / area_id
    folder.mkdir(parents=True)
    names = (f"{area_id}.xlsx", f"{area_id}_csv.zip", f"{area_id}.pdf")
    for name in names:
        (folder / name).write_bytes(b"x")
    links = "".join(f'<a href="{link}">x</a>' for link in (*LINKS, *names))
    (folder / "index.html").write_text(f'<h2 id="summary">x</h2>{links}', encoding="utf-8")
    return AreaRecord(area_id, area_id, kind, "made", "0", {}, (), "2026-11-20T10:00:00+09:00")


def test_every_link_of_the_zip_leads_inside_it(tmp_path: Path) -> None:
    records = [
        write_area(tmp_path, "05", "prefecture"),
        write_area(tmp_path, "05204", "municipality"),
    ]
    values = pd.DataFrame([("05204", "general_staff_count", 2024, 467.0)], columns=TIDY)
    content = prefecture_pack(tmp_path, "05", 2024, records, values)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        pages = {
            name: archive.read(name).decode("utf-8") for name in entries if name.endswith(".html")
        }
        readme = archive.read("はじめにお読みください.txt").decode("utf-8-sig")
    assert set(pages) == {"index.html", "05/index.html", "05204/index.html"}
    assert {"05204/大館市_2024年度.xlsx", "05/秋田県_2024年度.pdf"} <= set(entries)
    followed = 0
    for name, html in pages.items():
        for link in re.findall(r'href="([^"]+)"', html):
            place, _, anchor = link.partition("#")
            reached = posixpath.normpath(posixpath.join(posixpath.dirname(name), place))
            reached = reached if place else name
            assert reached in entries, (name, link)
            assert not anchor or f'id="{anchor}"' in pages[reached], (name, link)
            followed += 1
    assert followed > 2 * len(LINKS)
    assert all(e.flag_bits & 0x800 for n, e in entries.items() if not n.isascii())  # UTF-8 names
    assert "05204　大館市" in readme and "gunmane" not in readme


def test_the_zip_has_a_japanese_name() -> None:
    assert pack_name("05", 2024) == "05_秋田県_2024年度.zip"
