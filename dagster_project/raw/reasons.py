"""Why a row is in quarantine: the closed list of reason codes, each with its meaning.

Where the codes are given out: the readers of this package for what cannot be read, ``judging`` for what is not allowed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """A reason code; ``meaning`` says in one line what is wrong with the row."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        """Keep the meaning beside the code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason of a code."""
        return next(reason for reason in cls if reason.value == code)

    INVALID_ENCODING = "invalid_encoding", "the row holds bytes that are no text in the encoding of the file"
    CONTROL_CHAR = "control_char", "the row holds a NUL character or a lone carriage return"
    LINE_TOO_LONG = "line_too_long", "the row is longer than 2,000,000 bytes"
    BROKEN_QUOTES = "broken_quotes", "a quoted field does not end before a delimiter or the end of the line"
    WRONG_COLUMN_COUNT = "wrong_column_count", "the row has more or fewer fields than the header"
    BROKEN_JSON = "broken_json", "the line is no JSON object, or a JSON column is no JSON"
    NULL_KEY = "null_key", "a key column is empty, or says null, nan or none"
    MISSING_VALUE = "missing_value", "a required column is empty"
    BAD_NUMBER = "bad_number", "a number is written in another form or has too many digits"
    BAD_TIME = "bad_time", "a time or date is no ISO 8601, is not in the calendar, or lies before 1971"
    FUTURE_TIME = "future_time", "a business time lies more than an hour after the load"
    BAD_BOOLEAN = "bad_boolean", "a yes-or-no value is none of true, false, 1, 0, yes, no, t, f, y, n"
    BAD_CURRENCY = (
        "bad_currency",
        "a currency is no three-letter code, or one that ISO 4217 keeps for no currency or for tests",
    )
    NO_FX_RATE = (
        "no_fx_rate",
        "an order's currency is not the shop's and no rate of its day, or shortly before it, has landed",
    )
    NEGATIVE_AMOUNT = "negative_amount", "an amount, price or quantity is below zero"
    NEGATIVE_TOTAL = "negative_total", "the total of an order is below zero"
    UNKNOWN_STATUS = "unknown_status", "an order status is not in the list of status words"
    UNKNOWN_VALUE = "unknown_value", "a value is not in the list that the column allows"
    UNMAPPED = "unmapped", "the row feeds no table and no skip rule of its source names it"
