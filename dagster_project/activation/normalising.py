"""Values as mail tools and ad platforms want them, in their own words; nothing here knows of people or files.

Each function gives none for what is empty or no such value: a guess would reach somebody else. Sources: Google's
"Format your customer data file" and "Format user data" (Data Manager API), Meta's "Customer Information Parameters".
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_EMAIL = re.compile(
    r"(?!\.)(?!.*\.\.)[^\s@\"(),:;<>\[\]\\]{1,64}(?<!\.)@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}"
)
_MAX_EMAIL_LENGTH = 254
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ISO_COUNTRY = re.compile(r"[A-Za-z]{2}")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
# A cell that begins so is a formula to a spreadsheet, in the wide forms of East Asian keyboards too.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def sha256_hex(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def email(value: str | None) -> str | None:
    """Without spaces around, in lower case; none where it has not the shape of an address."""
    text = _composed(value).lower()
    return text if len(text) <= _MAX_EMAIL_LENGTH and _EMAIL.fullmatch(text) else None


def folded_gmail(address: str) -> str:
    """An address as Google's API wants it: in Gmail without dots and without what follows a plus, else as it is."""
    local, _, domain = address.partition("@")
    folded = local.partition("+")[0].replace(".", "")
    return f"{folded}@{domain}" if domain in _GMAIL and folded else address


def phone(value: str | None) -> str | None:
    """A number as E.164 writes it, with its plus; none where it names no country or cannot be dialled."""
    text = _composed(value)
    return text if _E164.fullmatch(text) else None


def country(value: str | None) -> str | None:
    """Two letters of ISO 3166-1, in capitals."""
    text = _composed(value).upper()
    return text if _ISO_COUNTRY.fullmatch(text) else None


def google_first_name(value: str | None) -> str | None:
    """In lower case, with single spaces between words."""
    return " ".join(_composed(value).lower().split()) or None


def google_last_name(value: str | None) -> str | None:
    """In lower case, without punctuation, with single spaces between words."""
    return google_first_name(_without_punctuation(value))


def google_zip(value: str | None) -> str | None:
    """As it stands, without spaces around."""
    return _composed(value) or None


def meta_phone(value: str | None) -> str | None:
    """Digits with the country code, without the plus."""
    number = phone(value)
    return number[1:] if number else None


def meta_name(value: str | None) -> str | None:
    """In lower case, without punctuation; letters of every alphabet stay."""
    return google_first_name(_without_punctuation(value))


def meta_zip(value: str | None) -> str | None:
    """In lower case, without spaces, up to the first hyphen."""
    return "".join(_composed(value).lower().split()).partition("-")[0] or None


def meta_country(value: str | None) -> str | None:
    """Two letters of ISO 3166-1, in lower case."""
    code = country(value)
    return code.lower() if code else None


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: a quote stands before what would be a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _composed(value: str | None) -> str:
    # One letter, one spelling: an accent may come as a character of its own.
    return unicodedata.normalize("NFC", value or "").strip()


def _without_punctuation(value: str | None) -> str:
    return "".join(mark for mark in _composed(value) if unicodedata.category(mark)[0] not in "PS")
