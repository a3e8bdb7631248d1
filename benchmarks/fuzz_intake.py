"""Mutate good files and check that the intake only ever answers in its own words.

``python benchmarks/fuzz_intake.py --minutes 30`` changes bytes of CSV and .xlsx files (and of
the parts inside .xlsx), and counts how often a file was accepted, refused, or (what must not
happen) raised another error, took more than ten seconds, or stopped the caller.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl

from gunmane_analysis.errors import GunmaneError
from gunmane_analysis.intake.check import check_file

SECONDS_AT_MOST = 10.0
ROWS = [
    ["団体コード", "団体名", "年度", "職員数"],
    ["052043", "大館市", 2024, 600],
    ["052019", "秋田市", 2024, 2600],
    ["062014", "山形市", 2024, 2400],
]
ODD = [b"", b"\x00", b"\xff", b'"', b",", b"\n", b"\r", b"<", b">", b"&", b"-", b"9" * 40, b"\xe3"]
ODD += [b"1E5", "①".encode(), "△".encode(), b"<!DOCTYPE a>", b'r="XFD1048576"', b"\x1b$B", b"0"]


def good_csv(encoding: str) -> bytes:
    text = "\n".join(",".join(map(str, row)) for row in ROWS) + "\n"
    return text.encode(encoding)


def good_xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)  # type: ignore[union-attr]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        kind = chance.random()
        if kind < 0.4 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif kind < 0.7:
            changed[at:at] = chance.choice(ODD)
        elif kind < 0.85:
            del changed[at : at + chance.randint(1, 40)]
        else:
            start = chance.randrange(len(changed) + 1)
            changed[at:at] = changed[start : start + chance.randint(1, 60)]
        if not changed:
            changed = bytearray(b" ")
    return bytes(changed)


def mutated_part(data: bytes, chance: random.Random) -> bytes:
    """Change one part inside an .xlsx package, so that the package itself stays whole."""
    source, stream = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    victim = chance.choice([n for n in source.namelist() if n.endswith((".xml", ".rels"))])
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            part = source.read(name)
            package.writestr(name, mutated(part, chance) if name == victim else part)
    return stream.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the files that misbehaved")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    seeds = [("csv", good_csv("utf-8")), ("csv", good_csv("cp932")), ("xlsx", good_xlsx())]
    counts: Counter[str] = Counter()
    slowest = 0.0
    ends_at = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < ends_at:
            kind, data = chance.choice(seeds)
            in_part = kind == "xlsx" and chance.random() < 0.7
            content = mutated_part(data, chance) if in_part else mutated(data, chance)
            path = Path(folder) / f"case.{kind}"
            path.write_bytes(content)
            started = time.monotonic()
            try:
                checked = check_file(path, "municipal_staffing")
                checked.to_record()
                outcome = "accepted" if checked.is_accepted else "refused"
                if not checked.is_accepted and not checked.issues.of("fault")[0].message:
                    outcome = "WITHOUT A WORD"
            except GunmaneError:
                outcome = "refused"
            except Exception as fault:  # noqa: BLE001 - finding these is what this script is for
                outcome = f"FAULT {type(fault).__name__}: {fault}"[:120]
            seconds = time.monotonic() - started
            slowest = max(slowest, seconds)
            if seconds > SECONDS_AT_MOST:
                outcome = "TOO SLOW"
            counts[outcome] += 1
            if outcome not in ("accepted", "refused") and options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{sum(counts.values())}.{kind}").write_bytes(content)
    for outcome, count in counts.most_common():
        print(f"{count:7d}  {outcome}")
    print(f"{sum(counts.values()):7d}  files, seed {options.seed}, slowest {slowest:.1f} s")
    return int(bool(set(counts) - {"accepted", "refused"}))


if __name__ == "__main__":
    sys.exit(main())
