"""A shop made by hand in which every way to be one person, or not to be, happens once."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.builders import Row, an_account, an_event, an_identity, an_order

AS_OF = date(2026, 6, 30)
NOW = datetime(2026, 7, 3, 6, tzinfo=UTC)
LARGEST = 50

CASES = (
    an_account("ada", on="2026-01-01", email="Ada@Example.com"),
    an_order(on="2026-02-01", order_id="ada-guest", email=" ada@example.COM"),
    # The same mailbox for its provider, two addresses for us.
    an_order("dot", on="2026-02-01", email="d.ot@gmail.com"),
    an_order("nodot", on="2026-02-01", email="dot@gmail.com"),
)

PLACEHOLDERS = (
    an_account("blank_1", on="2026-01-01", email=" "),
    an_account("blank_2", on="2026-01-01", email=" "),
    an_order("no_mail_1", on="2026-02-01", email="noemail@shop.example"),
    an_order("no_mail_2", on="2026-02-01", email="noemail@shop.example"),
    an_order("no_phone_1", on="2026-02-01", phone="000 00 00"),
    an_order("no_phone_2", on="2026-02-01", phone="000 00 00"),
    *(an_order("0", on=f"2026-03-0{day}", order_id=f"zero-{day}") for day in (1, 2)),
    *(an_order("NULL", on=f"2026-03-0{day}", order_id=f"null-{day}", email="null") for day in (1, 2)),
    *(an_order(on=f"2026-03-0{day}", order_id=f"till-{day}", total="10.00") for day in (1, 2, 3)),
)

DEVICES = (
    *(an_event("login", on=f"2026-05-0{day}", device="sofa", customer_id=who) for day, who in ((1, "mia"), (2, "noa"))),
    an_event("page_view", on="2026-05-03", device="sofa"),
    *(an_event("login", on=f"2026-05-0{day}", device=f"otto-{day}", customer_id="otto") for day in (1, 2, 3)),
    an_event("page_view", on="2026-04-01", device="otto-1"),
)

GUESTS = (
    an_order(on="2026-02-01", order_id="gina-guest", email="gina@example.com", total="30.00"),
    an_account("gina", on="2026-03-01", email="gina@example.com"),
    # Two addresses and one number, written in two ways.
    an_order(on="2026-02-01", order_id="hal-1", email="hal@example.com", phone="+49 (0)151 234-5678"),
    an_order(on="2026-02-02", order_id="hal-2", email="hal@work.example", phone="0049 151 2345678"),
    an_order(on="2026-02-03", order_id="hal-3", phone="+491512345678"),
)

MERGED = (
    an_order("pia", on="2026-02-01", total="40.00"),
    an_order("pia_old", on="2026-01-01", total="60.00"),
)
MERGE = an_identity("pia", "pia_old", on="2026-06-10", kind="customer_id")

VERIFIED = (
    an_account("vera", on="2026-01-01", email="vera@example.com", phone="+4930555001", is_email_verified=True),
    an_account("vito", on="2026-01-02", email="vito@example.com", phone="+4930555001", is_email_verified=True),
    an_account("ugo", on="2026-01-03", email="ugo@example.com", phone="+4930555002", is_email_verified=False),
    an_account("ulla", on="2026-01-04", email="ulla@example.com", phone="+4930555002", is_email_verified=True),
    # A gift: ordered by Vera with the address that Vito verified. It stays his, and so does his order as a guest.
    an_order("vera", on="2026-02-01", email="vito@example.com"),
    an_order(on="2026-02-02", order_id="vito-guest", email="vito@example.com"),
    # Two who verified, with somebody between them who did not.
    an_account("wim", on="2026-01-01", email="wim@example.com", phone="+4930555003", is_email_verified=True),
    an_account("wally", on="2026-01-01", phone="+4930555003"),
    an_identity("wally", "L7", on="2026-01-01", kind="loyalty_id"),
    an_identity("wes", "L7", on="2026-01-01", kind="loyalty_id"),
    an_account("wes", on="2026-01-01", email="wes@example.com", is_email_verified=True),
    # One is said to be the other, but each has verified an address of its own.
    an_account("xara", on="2026-01-01", email="xara@example.com", is_email_verified=True),
    an_account("xeno", on="2026-01-01", email="xeno@example.com", is_email_verified=True),
    an_identity("xara", "xeno", on="2026-06-01", kind="customer_id"),
)


def _chain(name: str, count: int) -> list[Row]:
    """So many customers, each sharing a loyalty card with the next."""
    return [
        an_identity(f"{name}_{number + offset:02}", f"{name}-{number}", on="2026-01-01", kind="loyalty_id")
        for number in range(count - 1)
        for offset in (0, 1)
    ]


CHAINS = (*_chain("long", LARGEST), *_chain("too_long", LARGEST + 1))

# A shop that numbers its customers by address, or by phone.
CONTACT_IDS = (
    an_order("Zed@Example.com", on="2026-02-01"),
    an_order("zed@example.com", on="2026-02-02"),
    an_order("+49 30 777888", on="2026-02-02"),
    an_order("030777999", on="2026-02-02"),
    an_account("zoe", on="2026-02-03", phone="030 / 777 999"),
)

EVERYBODY = (*CASES, *PLACEHOLDERS, *DEVICES, *GUESTS, *MERGED, *VERIFIED, *CHAINS, *CONTACT_IDS)
