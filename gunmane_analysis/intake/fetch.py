"""Fetching 社会・人口統計体系 from the e-Stat API, page by page, with retries and a time limit."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

from gunmane_analysis.errors import SourceError
from gunmane_analysis.intake.reading.issues import Issues, grouped
from gunmane_analysis.intake.ssds import from_pages

DEFAULT_BASE_URL = "https://api.e-stat.go.jp/rest/3.0/app/json/getStatsData"
SECONDS_PER_REQUEST = 30.0
SECONDS_AT_MOST = 300.0
TRIES = 4
PAGES_AT_MOST = 200
_BYTES_AT_MOST = 100 * 1024 * 1024
_RETRIED = frozenset({429, 500, 502, 503, 504})


def fetch_ssds(
    app_id: str,
    stats_id: str,
    items: Sequence[str] = (),
    *,
    base_url: str = DEFAULT_BASE_URL,
    wait_seconds: float = 1.0,
) -> list[dict[str, Any]]:
    """Return every page of one statistical table.

    Parameters
    ----------
    app_id : str
        The key that e-Stat gives a registered user; it is sent and never stored.
    stats_id : str
        統計表ID.
    items : sequence of str
        Item codes (``cdCat01``); all when empty.
    base_url : str
        Where the API is.
    wait_seconds : float
        Wait before the first retry; doubled each time.

    Returns
    -------
    list of dict
        The API's answers, in order, checked for STATUS and completeness.

    Raises
    ------
    SourceError
        If the server does not answer in time, answers with an error, or the pages do not
        hold what they announce.
    """
    ends_at = time.monotonic() + SECONDS_AT_MOST
    pages: list[dict[str, Any]] = []
    start: str | None = None
    while True:
        query = {"appId": app_id, "statsDataId": stats_id, "limit": "100000"}
        if items:
            query["cdCat01"] = ",".join(items)
        if start is not None:
            query["startPosition"] = start
        page = _get(f"{base_url}?{urllib.parse.urlencode(query)}", ends_at, wait_seconds)
        pages.append(page)
        following = _next_key(page)
        if following is None:
            break
        if following == start or len(pages) >= PAGES_AT_MOST:
            raise SourceError(
                f"e-Stat の続きの位置（NEXT_KEY {following}）が進みません。",
                advice="時間をおいて、もう一度実行してください。",
            )
        start = following
    _stop_unless_whole(pages)
    return pages


def _next_key(page: dict[str, Any]) -> str | None:
    data = (page.get("GET_STATS_DATA") or {}).get("STATISTICAL_DATA") or {}
    key = (data.get("RESULT_INF") or {}).get("NEXT_KEY")
    return None if key is None else str(key)


def _stop_unless_whole(pages: list[dict[str, Any]]) -> None:
    issues = Issues()
    for _ in from_pages(pages, issues):
        pass
    if issues.has_faults:
        raise SourceError(
            "e-Stat の応答を使えません。\n" + "\n".join(grouped(issues.of("fault"))),
            advice="appId、統計表ID、項目コードを確かめてください。",
        )


def _get(url: str, ends_at: float, wait_seconds: float) -> dict[str, Any]:
    """Return one answer; a busy or failing server is asked again a few times."""
    reason = "応答がありません"
    for attempt in range(TRIES):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            with urllib.request.urlopen(url, timeout=min(SECONDS_PER_REQUEST, left)) as answer:
                return _parsed(answer.read(_BYTES_AT_MOST + 1))
        except urllib.error.HTTPError as fault:
            reason = f"HTTP {fault.code}"
            if fault.code not in _RETRIED:
                break
        except (urllib.error.URLError, TimeoutError, ConnectionError) as fault:
            reason = str(getattr(fault, "reason", fault))
        time.sleep(min(wait_seconds * 2**attempt, max(ends_at - time.monotonic(), 0.0)))
    raise SourceError(
        f"e-Stat から取り寄せられません（{reason}）。",
        expected="e-Stat の API に届くネットワーク",
        advice="ネットワークを確かめるか、"
        "e-Stat の画面から取った CSV を gunmane data add で登録してください。",
    )


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > _BYTES_AT_MOST:
        raise SourceError(
            "e-Stat の応答が大きすぎます。", advice="--items で項目を絞ってください。"
        )
    try:
        page = json.loads(data)
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise SourceError(
            "e-Stat の応答が JSON ではありません。",
            advice="時間をおいて、もう一度実行してください。",
        ) from fault
    if not isinstance(page, dict):
        raise SourceError("e-Stat の応答の形が違います。", expected="GET_STATS_DATA のある JSON")
    return page
