"""How the sample shop writes times and amounts into text files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from dagster_project.sample.window import IntArray


def local_times(seconds: IntArray | pd.Series, offset_hours: int) -> list[str]:
    """Seconds since the epoch as ISO 8601 with the given offset: ``2026-06-30T23:30:00+01:00``."""
    shifted = np.asarray(seconds, dtype=np.int64) + offset_hours * 3600
    return [f"{text}{offset_hours:+03d}:00" for text in _iso(shifted)]


def utc_times(seconds: IntArray | pd.Series) -> list[str]:
    """Seconds since the epoch as ISO 8601 in UTC: ``2026-06-30T22:30:00Z``."""
    return [f"{text}Z" for text in _iso(np.asarray(seconds, dtype=np.int64))]


def naive_times(seconds: IntArray | pd.Series) -> list[str]:
    """Seconds since the epoch without a zone, which the shop's own zone (UTC) has to supply."""
    return [text.replace("T", " ") for text in _iso(np.asarray(seconds, dtype=np.int64))]


def amounts(cents: Iterable[int]) -> list[str]:
    """Whole cents as decimal text: ``12.05``."""
    return [f"{value // 100}.{value % 100:02d}" for value in cents]


def _iso(seconds: IntArray) -> list[str]:
    texts: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]"), unit="s").tolist()
    return texts
