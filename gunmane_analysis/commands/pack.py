"""``gunmane pack``: hand a year's pages out, one zip a prefecture."""

from __future__ import annotations

import argparse

from gunmane_analysis.areas import find_area
from gunmane_analysis.commands.output import write_output
from gunmane_analysis.loaders.indicators import load_municipal_values
from gunmane_analysis.loaders.tables import load_staffing
from gunmane_analysis.metrics.position.position import area_values
from gunmane_analysis.page import records
from gunmane_analysis.page.index import index_scheme
from gunmane_analysis.page.pack import pack_name, prefecture_pack
from gunmane_analysis.paths import reports_dir
from gunmane_analysis.refusals import refuse_if
from gunmane_analysis.sources import check_all_raw_files


def run_pack(options: argparse.Namespace) -> None:
    """Write one zip for each prefecture that has pages."""
    years = (int(path.name) for path in reports_dir().glob("[0-9][0-9][0-9][0-9]"))
    year = options.year or max(years, default=0)
    target = reports_dir() / str(year)
    by_prefecture: dict[str, list[records.AreaRecord]] = {}
    for record in records.records_of_year(year).values():
        if record.kind in ("prefecture", "municipality"):
            code = find_area(record.area_id).prefecture_codes[0]
            by_prefecture.setdefault(code, []).append(record)
    refuse_if(not by_prefecture, "pages-missing", year=year)
    fingerprint = records.inputs_fingerprint(check_all_raw_files())
    for code, packed in sorted(by_prefecture.items()):
        scheme_id = index_scheme(tuple(packed))
        values = area_values(load_municipal_values(), load_staffing(), scheme_id)
        outdated = {r.area_id for r in packed if r.inputs_fingerprint != fingerprint}
        content = prefecture_pack(target, code, year, packed, values, outdated)
        path = (options.out or target) / pack_name(code, year)
        write_output(path, content)
        print(f"{path}　{len(packed)}地域　{len(content) / 1e6:.1f} MB")
