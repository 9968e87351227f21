"""Segment files written by somebody who means harm: nothing that stands in them is ever run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import UsageError
from dagster_project.segments.membership import write_segment
from tests.segments.shops import catalog_of, declaration, file_of, members, shop

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = date(2026, 6, 30)
HOSTILE = (
    "1; drop table profiles.customer_profiles",
    "1 union all select customer_id from profiles.customer_profiles",
    "(select max(orders_count) from profiles.customer_profiles)",
    "getenv('HOME')",
    "exists (from read_csv('/etc/passwd'))",
    "1 group by all",
    "1 limit 0",
    "{{ env_var('HOME') }}",
    "{% set x = 1 %}",
    "1) or (1 = 1",
    "list_filter([1], x -> x = 1)",
    "1 -- and nothing else",
    "1 /* and nothing else */",
    "1 or 1 = 1",
    "' or '1' = '1",
    '" or "1" = "1',
    "count(*) over ()",
    "(select count(*) from range(1000000) a, range(1000000) b)",
    "regexp_matches(home_country, '(a+)+$')",
    "attach 'other.duckdb'",
    "copy (select 1) to 'stolen.csv'",
    "pragma_version()",
    "$$1$$",
)
PLACES = {
    "rule": "{text}",
    "item": "{{all: [{text}]}}",
    "column": "{{{text}: {{is: 1}}}}",
    "comparison": "{{orders_count: {{{text}: 1}}}}",
    "number": "{{orders_count: {{at_least: {text}}}}}",
    "list": "{{orders_count: {{is_one_of: [1, {text}]}}}}",
    "truth": "{{is_one_timer: {{is: {text}}}}}",
    "date": "{{last_order_date: {{at_least: {text}}}}}",
    "closed list": "{{lifecycle_stage: {{is: {text}}}}}",
    "segment": "{{within: {text}}}",
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", PLACES)
def test_sql_is_refused_wherever_a_rule_takes_something_else(tmp_path: Path, place: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        catalog_of(tmp_path, declaration("chosen", PLACES[place].format(text=json.dumps(text))))
    assert "pack.yml:7: segment chosen: " in str(raised.value)


@pytest.mark.parametrize("text", HOSTILE)
def test_sql_in_a_text_is_only_compared(tmp_path: Path, text: str) -> None:
    connection = shop({"customer_id": "mallory", "home_country": text}, {"customer_id": "anna", "home_country": "DE"})
    for number, comparison in enumerate(("is", "starts_with")):
        rule = f"{{home_country: {{{comparison}: {json.dumps(text)}}}}}"
        segment = catalog_of(tmp_path / str(number), declaration("chosen", rule, description=json.dumps(text)))
        write_segment(connection, segment["chosen"], AS_OF)
        assert members(connection, "chosen") == ["mallory"]


@pytest.mark.parametrize("name", [*HOSTILE, "../stolen", "customer profiles", "Ärzte", "users;", "0_first", "<script>"])
def test_a_name_that_is_more_than_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a table"):
        catalog_of(tmp_path, declaration(json.dumps(name), "{orders_count: {at_least: 3}}"))


@pytest.mark.parametrize("escape", [r"\0", r"\x07", r"\e", r"\x7f", r"\ud800", r"\udfff"])
@pytest.mark.parametrize("field", ["name", "description", "rule"])
def test_an_escape_that_makes_no_readable_character_is_refused(tmp_path: Path, field: str, escape: str) -> None:
    text = f'"a{escape}b"'
    entry = {
        "name": declaration(text, "{orders_count: {at_least: 3}}"),
        "description": declaration("chosen", "{orders_count: {at_least: 3}}", description=text),
        "rule": declaration("chosen", f"{{home_country: {{is: {text}}}}}"),
    }[field]
    with pytest.raises(UsageError, match="is no character that can be read; take it out"):
        catalog_of(tmp_path, entry)


def test_escapes_that_make_characters_are_read(tmp_path: Path) -> None:
    rule = r'{home_country: {is: "\u00c5land\tIslands\n"}}'
    connection = shop({"customer_id": "ada", "home_country": "Åland\tIslands\n"})
    write_segment(connection, catalog_of(tmp_path, declaration("chosen", rule))["chosen"], AS_OF)
    assert members(connection, "chosen") == ["ada"]


BOMBS = {
    "anchors": "a: &a [x, x]\n"
    + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "segments: *i\n",
    "merges": "base: &base {x: 1}\nsegments:\n  - <<: [*base, *base]\n",
    "brackets": "segments: " + "[" * 100_000,
    "braces": "segments: " + "{a: " * 100_000,
    "rules": file_of(declaration("deep", "{not: " * 1000 + "{orders_count: {is: 1}}" + "}" * 1000)),
    "tag": "segments: !!python/object/new:subprocess.check_output [[touch, stolen]]\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_file_that_unfolds_is_refused(tmp_path: Path, bomb: str) -> None:
    (tmp_path / "bomb.yml").write_text(BOMBS[bomb], encoding="utf-8")
    with pytest.raises(UsageError, match=r"bomb\.yml:"):
        catalog_of(tmp_path, declaration("chosen", "{orders_count: {at_least: 3}}"))


def test_the_command_refuses_a_wrong_file_before_anything_is_loaded(tmp_path: Path) -> None:
    orders = tmp_path / "data" / "landing" / "orders"
    orders.mkdir(parents=True)
    (orders / "rows.csv").write_text("order_id,customer_id,ordered_at,total_amount\n1,anna,2026-05-01,10.00\n")
    packs = tmp_path / "packs"
    packs.mkdir()
    (packs / "value.yml").write_text(file_of(declaration("chosen", "{orders_count: {at_least: 1 or 1 = 1}}")))
    start = f"""
import pathlib, sys
from dagster_project.segments import catalog
catalog.SEGMENTS_DIR = pathlib.Path({str(packs)!r})
from dagster_project.cli import main
sys.argv = ["segments", "run"]
main()
"""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMENTS_", "DAGSTER_"))}
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-c", start],
        env=own | {"SEGMENTS_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "value.yml:7: segment chosen: `at_least` of `orders_count` takes a whole number" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "data").glob("*.duckdb"))
    assert not (tmp_path / "data" / "published").exists()
