"""Single decisions of audience files, over a build database of a few rows made by hand."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.activation.files import audiences_sha256, require_audiences_of, write_audiences
from dagster_project.errors import SegmentsError
from tests.segments.shops import catalog_of, declaration, shop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

AS_OF = date(2026, 6, 30)
TABLES = {
    "int_recipients_joined": "customer_id, email, phone, first_name, last_name, country_code, postal_code,"
    " is_ads_consent_required boolean",
    "int_contacts_resolved": "customer_id, contact_type, contact_value",
    "int_consents_resolved": "customer_id, channel, purpose, is_granted boolean",
    "int_suppressions_resolved": "customer_id, email, phone, channel, reason",
}


def built(people: Sequence[str], **tables: Sequence[tuple[Any, ...]]) -> duckdb.DuckDBPyConnection:
    """A build in which everybody is a member of `everybody`, with an address and a number of their own."""
    connection = shop(*({"customer_id": name, "orders_count": 2} for name in people))
    for schema in ("intermediate", "marts", "segments"):
        connection.execute(f"create schema {schema}")
    connection.execute("create table marts.dim_generation as select date '2026-06-30' as as_of_date")
    connection.execute("create table segments.memberships (segment varchar, customer_id varchar)")
    connection.execute("create table segments.sizes (segment varchar, is_reporting_only boolean)")
    recipients = [
        (name, f"{name}@x.de", f"+493012345{at}", "A", "B", "DE", "10115", False) for at, name in enumerate(people)
    ]
    given = {"int_recipients_joined": recipients} | tables
    for table, columns in TABLES.items():
        typed = ", ".join(
            column if column.endswith("boolean") else f"{column} varchar" for column in columns.split(",")
        )
        connection.execute(f"create table intermediate.{table} ({typed})")
        for row in given.get(table, ()):
            connection.execute(f"insert into intermediate.{table} values ({', '.join('?' * len(row))})", list(row))
    for name in people:
        connection.execute("insert into segments.memberships values ('everybody', ?)", [name])
    return connection


def written(
    connection: duckdb.DuckDBPyConnection, folder: Path, audience: str, *others: str
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """What is said of the one audience of the one segment, and its rows by column."""
    catalog = catalog_of(
        folder / "packs", declaration("everybody", "{orders_count: {is: 2}}", audiences=f"[{audience}]"), *others
    )
    (about,) = write_audiences(connection, catalog, folder / "audiences")
    with (folder / "audiences" / about["file"]).open(encoding="utf-8", newline="") as file:
        return about, list(csv.DictReader(file))


CONSENTS = [
    ("this", "email", "newsletter", True),
    ("all", "email", "", True),
    ("other", "email", "back_in_stock", True),
    ("all_but", "email", "", True),
    ("all_but", "email", "newsletter", False),
    ("only_ads", "ads", "", True),
]


@pytest.mark.parametrize(
    ("audience", "reached", "excluded"),
    [
        ("{platform: email, purpose: Newsletter}", ["all", "this"], {"consent_unknown": 2, "consent_withdrawn": 1}),
        ("email", ["all", "all_but", "other", "this"], {"consent_unknown": 1}),
    ],
)
def test_a_purpose_asks_for_a_word_on_it_or_on_all(
    tmp_path: Path, audience: str, reached: list[str], excluded: dict[str, int]
) -> None:
    people = sorted({row[0] for row in CONSENTS})
    about, rows = written(built(people, int_consents_resolved=CONSENTS), tmp_path, audience)
    assert [row["Customer ID"] for row in rows] == reached
    assert about["excluded"] == excluded


@pytest.mark.parametrize(
    ("audience", "excluded"),
    [
        ("email", {"ordered_lately": 2}),
        ("{platform: email, quiet_days_after_order: 4}", {"ordered_lately": 3}),
        ("{platform: email, quiet_days_after_order: 0}", {}),
        (
            "{platform: email, quiet_days_after_order: 1, unless_in: [regulars]}",
            {"ordered_lately": 1, "in_other_segment": 1},
        ),
    ],
)
def test_who_ordered_lately_or_is_in_a_segment_that_comes_first_is_spared(
    tmp_path: Path, audience: str, excluded: dict[str, int]
) -> None:
    people = ["today", "2_days_ago", "3_days_ago"]
    connection = built(people, int_consents_resolved=[(name, "email", "", True) for name in people])
    connection.execute("""
        update profiles.customer_profiles
        set last_order_date = date '2026-06-30'
            - case customer_id when 'today' then 0 when '2_days_ago' then 2 else 3 end
    """)
    connection.execute("insert into segments.memberships values ('regulars', 'today'), ('regulars', '2_days_ago')")
    about, rows = written(connection, tmp_path, audience, declaration("regulars", "{orders_count: {at_least: 9}}"))
    assert about["excluded"] == excluded
    assert len(rows) == 3 - sum(excluded.values())


def test_nobody_of_a_segment_for_reports_only_is_written(tmp_path: Path) -> None:
    connection = built(["ann", "bob"], int_consents_resolved=[(name, "email", "", True) for name in ("ann", "bob")])
    connection.execute("insert into segments.sizes values ('everybody', true), ('regulars', false)")
    about, rows = written(connection, tmp_path, "email")
    assert (rows, about["excluded"], about["members_count"]) == ([], {"segment_too_small": 2}, 2)


def test_a_number_that_must_not_be_texted_is_left_out_and_the_person_stays(tmp_path: Path) -> None:
    allowed = [(name, channel, "", True) for name in ("ann", "bob") for channel in ("email", "sms")]
    connection = built(
        ["ann", "bob"],
        int_consents_resolved=allowed,
        int_suppressions_resolved=[("ann", None, None, "sms", "suppressed")],
    )
    about, rows = written(connection, tmp_path, "email")
    assert [(row["Customer ID"], row["Phone Number"]) for row in rows] == [("ann", ""), ("bob", "+4930123451")]
    assert about["left_empty"] == {"phone": {"no_sms_consent": 1}}


@pytest.mark.parametrize(
    ("channel", "excluded"), [(None, {"suppressed": 1}), ("email", {"suppressed": 1}), ("ads", {})]
)
def test_an_address_of_nobody_known_is_not_written_to(
    tmp_path: Path, channel: str | None, excluded: dict[str, int]
) -> None:
    connection = built(
        ["ann", "bob"],
        int_consents_resolved=[(name, "email", "", True) for name in ("ann", "bob")],
        int_suppressions_resolved=[(None, "ann@x.de", None, channel, "suppressed")],
    )
    assert written(connection, tmp_path, "email")[0]["excluded"] == excluded


def test_every_address_of_who_objected_is_protected(tmp_path: Path) -> None:
    connection = built(
        ["ann", "bob"],
        int_consents_resolved=[(name, "ads", "", True) for name in ("ann", "bob")],
        int_contacts_resolved=[("zoe", "email", "bob@x.de")],
        int_suppressions_resolved=[("zoe", None, None, None, "erasure_requested")],
        int_recipients_joined=[(name, f"{name}@x.de", None, None, None, None, None, False) for name in ("ann", "bob")],
    )
    about, rows = written(connection, tmp_path, "meta_ads")
    assert (len(rows), about["excluded"]) == (1, {"suppressed": 1})


def test_a_postal_address_stands_for_one_person_and_only_whole(tmp_path: Path) -> None:
    people = ["ann", "bob", "half"]
    names = {
        "ann": ("Ann", "Roth", "DE", "10115"),
        "bob": ("Bob", "Roth", "DE", "10115"),
        "half": ("H", "R", "DE", None),
    }
    connection = built(
        people,
        int_consents_resolved=[(name, "ads", "", True) for name in people],
        int_recipients_joined=[(name, None, None, *names[name], False) for name in people],
    )
    for platform, header in (("google_ads", "First Name"), ("meta_ads", "fn")):
        about, rows = written(connection, tmp_path, platform)
        assert (len({row[header] for row in rows}), about["excluded"]) == (2, {"no_identifier": 1})


def test_the_same_build_gives_the_same_bytes_in_any_order_of_ids(tmp_path: Path) -> None:
    hashes = set()
    for people in (["ann", "bob", "zoe"], ["zoe", "bob", "ann"]):
        recipients = [(name, f"{name}@x.de", None, None, None, None, None, False) for name in people]
        allowed = [(name, "ads", "", True) for name in people]
        connection = built(people, int_consents_resolved=allowed, int_recipients_joined=recipients)
        written(connection, tmp_path, "google_ads")
        hashes.add(audiences_sha256(tmp_path / "audiences"))
    assert len(hashes) == 1
    lines = (tmp_path / "audiences/google_ads/everybody.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(set(lines)) == 3
    assert lines == sorted(lines), "rows in the order of ids would say who is who"


def test_a_file_that_is_declared_no_more_is_gone(tmp_path: Path) -> None:
    connection = built(["ann"], int_consents_resolved=[("ann", "email", "", True), ("ann", "ads", "", True)])
    written(connection, tmp_path, "email")
    before = audiences_sha256(tmp_path / "audiences")
    written(connection, tmp_path, "meta_ads")
    files = {path.relative_to(tmp_path / "audiences").as_posix() for path in (tmp_path / "audiences").rglob("*.*")}
    assert files == {"manifest.json", "meta_ads/everybody.csv"}
    assert audiences_sha256(tmp_path / "audiences") != before


def test_files_of_another_day_or_none_are_not_published(tmp_path: Path) -> None:
    with pytest.raises(SegmentsError, match="are of no day, the build of 2026-06-30: materialize activation first"):
        require_audiences_of(AS_OF, tmp_path / "audiences")
    written(built(["ann"]), tmp_path, "email")
    require_audiences_of(AS_OF, tmp_path / "audiences")
    with pytest.raises(SegmentsError, match="are of 2026-06-30, the build of 2026-07-01"):
        require_audiences_of(date(2026, 7, 1), tmp_path / "audiences")
