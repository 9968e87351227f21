"""What the file for each platform looks like: its columns, how a person becomes a row, by what the platform knows them.

How single values are written lives in ``normalising.py``; who may be in a file is decided in ``recipients.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.activation import normalising as as_wanted
from dagster_project.activation.normalising import harmless, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster_project.activation.recipients import Recipient


@dataclass(frozen=True)
class Cells:
    """One person as a row; ``keys`` are what the platform recognizes somebody by, ``fault`` why there is none."""

    values: tuple[str, ...]
    keys: tuple[str, ...]
    left_empty: tuple[tuple[str, str], ...] = ()
    fault: str | None = None


@dataclass(frozen=True)
class Platform:
    """A kind of audience file. ``header`` is written as it is, ``row`` takes the segment's name too."""

    title: str
    channel: str
    is_for_ads: bool
    header: tuple[str, ...]
    row: Callable[[Recipient, str], Cells]
    keys: Callable[[str | None, str | None], tuple[str, ...]]
    rules: str


def _email_keys(email: str | None, _: str | None) -> tuple[str, ...]:
    address = as_wanted.email(email)
    return (address,) if address else ()


def _email_row(person: Recipient, segment: str) -> Cells:
    address = as_wanted.email(person.email)
    number = as_wanted.phone(person.phone) if person.may_be_texted else None
    texts = (
        person.first_name or "",
        segment,
        person.customer_id,
        person.lifecycle_stage or "",
        person.rfm_segment or "",
        str(person.orders_count if person.orders_count is not None else ""),
        str(person.last_order_date or ""),
    )
    # A number that has the shape of E.164 is a number and nothing else; a quote before it would break it.
    values = (harmless(address or ""), number or "", *map(harmless, texts))
    absence = _absence(person.phone) if person.may_be_texted else "no_sms_consent"
    fault = None if address else ("invalid_email" if person.email else "no_email")
    return Cells(values, _email_keys(address, None), () if number else (("phone", absence),), fault)


def _google_keys(email: str | None, phone: str | None) -> tuple[str, ...]:
    address, number = as_wanted.email(email), as_wanted.phone(phone)
    spellings = (address, as_wanted.folded_gmail(address)) if address else ()
    return tuple(dict.fromkeys(sha256_hex(value) for value in (*spellings, number) if value))


def _google_row(person: Recipient, _: str) -> Cells:
    address, number = as_wanted.email(person.email), as_wanted.phone(person.phone)
    folded = as_wanted.folded_gmail(address) if address else None
    first, last = as_wanted.google_first_name(person.first_name), as_wanted.google_last_name(person.last_name)
    country, postal_code = as_wanted.country(person.country_code), as_wanted.google_zip(person.postal_code)
    is_whole = bool(first and last and country and postal_code)
    # Country and postal code are never hashed; Google takes an address whole or not at all.
    place = (_hashed(first), _hashed(last), country or "", postal_code or "") if is_whole else ("", "", "", "")
    values = (_hashed(address), _hashed(folded if folded != address else None), _hashed(number), *place)
    return _matched(person, values, _google_keys(address, number), (address, number), is_whole=is_whole)


def _meta_keys(email: str | None, phone: str | None) -> tuple[str, ...]:
    values = (as_wanted.email(email), as_wanted.meta_phone(phone))
    return tuple(sha256_hex(value) for value in values if value)


def _meta_row(person: Recipient, _: str) -> Cells:
    address, number = as_wanted.email(person.email), as_wanted.meta_phone(person.phone)
    place = (
        as_wanted.meta_name(person.first_name),
        as_wanted.meta_name(person.last_name),
        as_wanted.meta_zip(person.postal_code),
        as_wanted.meta_country(person.country_code),
    )
    is_whole = all(place)
    values = (_hashed(address), _hashed(number), *(_hashed(value if is_whole else None) for value in place))
    return _matched(person, values, _meta_keys(person.email, person.phone), (address, number), is_whole=is_whole)


def _matched(
    person: Recipient,
    values: tuple[str, ...],
    keys: tuple[str, ...],
    reached_by: tuple[str | None, str | None],
    *,
    is_whole: bool,
) -> Cells:
    """A row of an ad platform: it needs an address, a number, or a whole postal address."""
    address, number = reached_by
    empty = [] if address else [("email", _absence(person.email))]
    empty += [] if number else [("phone", _absence(person.phone))]
    empty += [] if is_whole else [("postal_address", "incomplete")]
    found = keys or (("|".join(values[-4:]),) if is_whole else ())
    return Cells(values, found, tuple(empty), None if found else "no_identifier")


def _absence(given: str | None) -> str:
    """Why a cell that nothing could be written into is empty."""
    return "invalid" if given else "missing"


def _hashed(value: str | None) -> str:
    return sha256_hex(value) if value else ""


_EMAIL_HEADER = (
    "Email",
    "Phone Number",
    "First Name",
    "Segment",
    "Customer ID",
    "Lifecycle Stage",
    "RFM Segment",
    "Orders Count",
    "Last Order Date",
)

PLATFORMS: dict[str, Platform] = {
    "email": Platform(
        title="E-mail tools (Klaviyo and alike) and people",
        channel="email",
        is_for_ads=False,
        header=_EMAIL_HEADER,
        row=_email_row,
        keys=_email_keys,
        rules="Plain text. A phone number needs a consent to sms, or stays empty. A text that a spreadsheet would run "
        "as a formula begins with a quote.",
    ),
    "google_ads": Platform(
        title="Google Ads Customer Match",
        channel="ads",
        is_for_ads=True,
        header=("Email", "Email", "Phone", "First Name", "Last Name", "Country", "Zip"),
        row=_google_row,
        keys=_google_keys,
        rules="SHA-256 of e-mail (lower case), of the same without dots and plus in Gmail (second column, where it "
        "differs), of the phone as E.164 with its plus, of first name (lower case) and last name (without "
        "punctuation). Country and postal code are not hashed. The four parts of an address stand together or not "
        "at all.",
    ),
    "meta_ads": Platform(
        title="Meta customer list",
        channel="ads",
        is_for_ads=True,
        header=("email", "phone", "fn", "ln", "zip", "country"),
        row=_meta_row,
        keys=_meta_keys,
        rules="SHA-256 of everything: e-mail (lower case), phone (digits with country code, no plus), names (lower "
        "case, no punctuation, every alphabet), postal code (lower case, no spaces, up to a hyphen), country (two "
        "letters, lower case). Meta advises against lists of fewer than 100 people.",
    ),
}
