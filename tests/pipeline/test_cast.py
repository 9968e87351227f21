"""What the models say of each of the cast, at the end of the day and one day later."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import mock

import duckdb
import pytest

from dagster_project.raw.loading import load_landing
from dagster_project.settings import load_settings
from dagster_project.transform.project import build
from tests.builders import Landing
from tests.cast import AS_OF, CAST, FINN, HUGO, NEXT_DAY, NOW, STOCK, Expected, Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from dagster_project.settings import Settings

KEY = "a key for tests"
Profiles = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A shop whose whole history is the cast."""
    with mock.patch.dict(os.environ):
        os.environ["SEGMENTS_DATA_DIR"] = str(tmp_path_factory.mktemp("cast"))
        os.environ["SEGMENTS_PII_KEY"] = KEY
        settings = load_settings()
        landing = Landing().add(STOCK, *(person.rows for person in CAST))
        report = landing.load(settings, now=NOW)
        assert sum(file.rows_used for file in report.files) == sum(len(rows) for rows in landing.rows.values())
        yield settings


@pytest.fixture(scope="module")
def profiles(shop: Settings) -> Profiles:
    return _built(shop, AS_OF)


@pytest.fixture(scope="module")
def profiles_next_day(shop: Settings, profiles: Profiles) -> Profiles:
    assert profiles
    return _built(shop, NEXT_DAY)


def _built(settings: Settings, as_of: date) -> Profiles:
    variables = {"as_of_date": as_of.isoformat(), "shop_time_zone": "UTC", "shop_currency": ""}
    result = build(settings, select=["fqn:segments"], variables=variables, on_event=lambda _event: None)
    assert result.success, result.exception
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        answer = connection.execute("select * from profiles.customer_profiles")
        names = [column[0] for column in answer.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row["customer_id"]: row for row in rows}


def _said(profile: dict[str, Any], expected: Expected) -> Expected:
    return Expected(
        profile["customer_kind"],
        profile["lifecycle_stage"],
        profile["orders_count"],
        str(profile["net_revenue_amount"]),
        {flag: profile[f"is_{flag}"] for flag in expected.flags},
    )


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.known_by)
def test_the_profile_says_what_is_expected_of(person: Person, profiles: Profiles) -> None:
    assert _said(profiles[person.customer_id(KEY)], person.expected) == person.expected, person.reason


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.known_by)
def test_the_next_day_changes_only_who_crosses_a_boundary(person: Person, profiles_next_day: Profiles) -> None:
    expected = person.expected_next_day or person.expected
    assert _said(profiles_next_day[person.customer_id(KEY)], expected) == expected, person.reason


def test_everybody_listed_is_one_of_the_cast_or_the_tablet_of_two(profiles: Profiles) -> None:
    others = set(profiles) - {person.customer_id(KEY) for person in CAST}
    tablet = Person("device:family-tablet", "", (), Expected("anonymous", "anonymous"))
    assert others == {tablet.customer_id(KEY)}


def test_finn_is_silent_within_his_own_rhythm(profiles: Profiles) -> None:
    finn = profiles[FINN.customer_id(KEY)]
    assert finn["days_since_last_order"] < finn["allowed_silence_days"]


def test_hugo_is_found_under_his_former_id(shop: Settings, profiles: Profiles) -> None:
    former = Person("email:hugo@example.com", "", (), HUGO.expected).customer_id(KEY)
    assert former not in profiles
    with duckdb.connect(str(shop.warehouse_path), read_only=True) as connection:
        query = "select merged_into from marts.dim_customer_aliases where customer_id = $id"
        assert connection.execute(query, {"id": former}).fetchall() == [("hugo",)]


def test_revenue_is_that_of_the_cast_to_the_cent(profiles: Profiles) -> None:
    total = sum(profile["net_revenue_amount"] for profile in profiles.values())
    assert total == sum(Decimal(person.expected.net_revenue) for person in CAST)


def test_the_cast_lands_as_lines_of_json_too(tmp_path: Path) -> None:
    with mock.patch.dict(os.environ, {"SEGMENTS_DATA_DIR": str(tmp_path)}):
        settings = load_settings()
        landing = Landing().add(STOCK, *(person.rows for person in CAST))
        landing.write(settings.landing_dir, file_format="jsonl")
        report = load_landing(settings, now=NOW)
    assert sum(file.rows_used for file in report.files) == sum(len(rows) for rows in landing.rows.values())
