"""The stretch of days the sample shop lives in, and its seasons. Days are counted back from the last day (0)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

DAY_SECONDS = 86_400
WEEKDAY_WEIGHTS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.3, 1.2)
MONTH_WEIGHTS = (0.9, 0.85, 0.95, 1.0, 1.0, 0.95, 0.85, 0.9, 1.0, 1.1, 1.7, 1.5)


@dataclass(frozen=True)
class Window:
    """The last ``days`` days up to and including ``last_day``, in UTC."""

    last_day: date
    days: int

    @property
    def end(self) -> int:
        """First second after the last day, since the epoch."""
        return int(self.midnight(np.int64(0))) + DAY_SECONDS

    def midnight(self, ago: IntArray | np.int64) -> IntArray:
        """Seconds since the epoch at the start of the day that lies ``ago`` days before the last one."""
        return np.asarray(((self.last_day - date(1970, 1, 1)).days - ago) * DAY_SECONDS, dtype=np.int64)

    def month_of(self, ago: int) -> str:
        """Name the calendar month of a day, as ``2026-04``."""
        return f"{self.last_day - timedelta(days=ago):%Y-%m}"

    @cached_property
    def _cumulative_weights(self) -> FloatArray:
        days = [self.last_day - timedelta(days=ago) for ago in range(self.days)]
        weights = [WEEKDAY_WEIGHTS[day.weekday()] * MONTH_WEIGHTS[day.month - 1] for day in days]
        return np.concatenate([[0.0], np.cumsum(weights)])

    def draw_days(self, rng: np.random.Generator, newest: IntArray, oldest: IntArray) -> IntArray:
        """One seasonal day for each pair of bounds (both inclusive), as days before the last one."""
        weights = self._cumulative_weights
        newest, oldest = np.clip(newest, 0, self.days - 1), np.clip(oldest, 0, self.days - 1)
        drawn = weights[newest] + rng.random(len(newest)) * (weights[oldest + 1] - weights[newest])
        found = np.searchsorted(weights, drawn, side="right") - 1
        return np.clip(found, newest, oldest).astype(np.int64)
