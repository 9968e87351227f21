"""What foreign money was worth: the rate of the day, else that of the nearest day before it, up to a week back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.reference.rows import Rate, read

if TYPE_CHECKING:
    import pandas as pd

OLDEST_DAYS = 7


@dataclass(frozen=True)
class Rates:
    """Rates by currency and day, and the currency that they lead to; without one nothing is converted."""

    shop_currency: str | None
    quoted: dict[tuple[str, date], Decimal]

    def of(self, currency: str | None, day: date) -> Decimal:
        """Units of shop currency for one unit.

        Raises:
            ValueError: there is no rate for the day.
        """
        if self.shop_currency is None or currency in (None, self.shop_currency):
            return Decimal(1)
        for age in range(OLDEST_DAYS + 1):
            rate = self.quoted.get((currency, day - timedelta(days=age)))
            if rate is not None:
                return rate
        message = f"no rate for {currency} on {day}"
        raise ValueError(message)


def read_rates(tables: dict[str, pd.DataFrame], shop_currency: str | None) -> Rates:
    """The rates that landed."""
    rows = read(tables, "fx_rates", Rate)
    return Rates(shop_currency, {(row.currency, row.rate_date): row.rate for row in rows})
