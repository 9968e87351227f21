"""From when to when somebody was a member, over days that were built and days that were not."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.errors import SegmentsError
from dagster_project.segments.intervals import KeptDays, write_membership_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

AS_OF = date(2026, 6, 30)
Members = set[tuple[str, str]]
Interval = tuple[str, str, date, date | None, bool, bool]


def june(day: int) -> date:
    """A day of June 2026."""
    return date(2026, 6, day)


def warehouse(today: Iterable[tuple[str, str]], aliases: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A warehouse with the members of the as-of date, and who is now part of whom."""
    connection = duckdb.connect()
    connection.execute("create schema segments; create schema marts")
    connection.execute("create table segments.memberships (segment varchar, customer_id varchar)")
    connection.execute("create table marts.dim_customer_aliases (customer_id varchar, merged_into varchar)")
    for table, rows in (("segments.memberships", today), ("marts.dim_customer_aliases", (aliases or {}).items())):
        for row in rows:
            connection.execute(f"insert into {table} values (?, ?)", list(row))
    return connection


def keep(folder: Path, day: date, members: Iterable[tuple[str, str]], **more: str) -> Path:
    """Memberships of a day as history keeps them, with further columns."""
    path = folder / f"as_of_date={day}" / "memberships.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = "".join(f", '{value}' as {name}" for name, value in more.items())
    rows = " union all ".join(f"select '{segment}' as segment, '{who}' as customer_id" for segment, who in members)
    query = rows or "select '' as segment, '' as customer_id where false"
    duckdb.execute(f"copy (select *{columns} from ({query})) to '{path}' (format parquet)")
    return path


def keep_all(folder: Path, days: Mapping[date, Iterable[tuple[str, str]]]) -> dict[date, Path]:
    """Memberships of several days."""
    return {day: keep(folder, day, members) for day, members in days.items()}


def intervals(connection: duckdb.DuckDBPyConnection, kept: KeptDays, as_of: date = AS_OF) -> list[Interval]:
    """(segment, customer, valid_from, valid_to, is_left_censored, is_right_censored) of one way of knowing."""
    count = write_membership_intervals(connection, as_of, kept)
    rows = connection.execute("""
        select segment, customer_id, valid_from, valid_to, is_left_censored, is_right_censored
        from segments.membership_intervals
        order by segment, customer_id, valid_from
    """).fetchall()
    assert len(rows) == count
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


def test_who_entered_and_left_between_built_days_is_censored_nowhere(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(27): [], june(28): [("vips", "ann")], june(29): []})
    assert intervals(warehouse([]), KeptDays("known_then", files)) == [
        ("vips", "ann", june(28), june(29), False, False)
    ]


def test_whoever_is_a_member_today_has_no_end(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(28): [], june(29): [("vips", "ann")]})
    assert intervals(warehouse([("vips", "ann"), ("vips", "bob")]), KeptDays("known_then", files)) == [
        ("vips", "ann", june(29), None, False, True),
        ("vips", "bob", june(30), None, False, True),
    ]


def test_whoever_was_a_member_on_the_first_built_day_may_have_been_one_before(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(29): [("vips", "ann")]})
    assert intervals(warehouse([]), KeptDays("known_then", files)) == [("vips", "ann", june(29), june(30), True, False)]


def test_a_day_that_was_not_built_ends_a_stay_and_says_that_nobody_knows(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(26): [("vips", "ann")], june(27): [("vips", "ann")], june(29): [("vips", "ann")]})
    assert intervals(warehouse([]), KeptDays("known_then", files)) == [
        ("vips", "ann", june(26), june(28), True, True),
        ("vips", "ann", june(29), june(30), True, False),
    ]


def test_leaving_for_a_day_makes_two_stays(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(27): [("vips", "ann")], june(28): [], june(29): [("vips", "ann")]})
    stays = intervals(warehouse([("vips", "ann")]), KeptDays("known_then", files))
    assert [(start, end) for _, _, start, end, _, _ in stays] == [(june(27), june(28)), (june(29), None)]


def test_people_who_became_one_have_one_stay_without_overlap(tmp_path: Path) -> None:
    both = [("vips", "ann"), ("vips", "ann-2")]
    files = keep_all(tmp_path, {june(27): both[:1], june(28): both, june(29): both[1:]})
    today = warehouse([("vips", "ann")], {"ann-2": "ann"})
    assert intervals(today, KeptDays("known_then", files)) == [("vips", "ann", june(27), None, True, True)]


def test_the_two_ways_of_knowing_stand_beside_each_other(tmp_path: Path) -> None:
    then = keep_all(tmp_path / "then", {june(29): [("vips", "ann")]})
    now = keep_all(tmp_path / "now", {june(29): []})
    connection = warehouse([("vips", "ann")])
    write_membership_intervals(connection, AS_OF, KeptDays("known_then", then), KeptDays("known_now", now))
    assert connection.execute("select as_of_mode, valid_from from segments.membership_intervals").fetchall() == [
        ("known_then", june(29)),
        ("known_now", june(30)),
    ]


def test_days_with_more_columns_are_read_beside_days_with_fewer(tmp_path: Path) -> None:
    files = {
        june(28): keep(tmp_path, june(28), [("vips", "ann")]),
        june(29): keep(tmp_path, june(29), [("vips", "ann")], reason="spent much", entered_date="2026-06-28"),
    }
    for order in (files, dict(reversed(files.items()))):
        stays = intervals(warehouse([("vips", "ann")]), KeptDays("known_then", order))
        assert stays == [("vips", "ann", june(28), None, True, True)]


def test_a_broken_day_is_named(tmp_path: Path) -> None:
    files = keep_all(tmp_path, {june(29): [("vips", "ann")]})
    files[june(29)].write_bytes(b"PAR1 and no more")
    with pytest.raises(SegmentsError, match="2026-06-29"):
        intervals(warehouse([]), KeptDays("known_then", files))


@pytest.mark.parametrize("seed", range(5))
def test_intervals_counted_out_again_are_the_members_of_every_built_day(tmp_path: Path, seed: int) -> None:
    """Over ninety days, so that they are read in several portions; the reference knows nothing but sets."""
    dice = random.Random(seed)  # noqa: S311 (no secret)
    people = [f"p{number}" for number in range(12)]
    aliases = {"p10": "p1", "p11": "p2"}
    days: dict[date, Members] = {}
    for day in (AS_OF - timedelta(days=number) for number in range(90)):
        if dice.random() < 0.9 or day == AS_OF:
            days[day] = {(segment, who) for segment in ("a", "b") for who in people if dice.random() < 0.8}
    days[AS_OF] = {(segment, who) for segment, who in days[AS_OF] if who not in aliases}
    before = {day: members for day, members in days.items() if day < AS_OF}
    kept = KeptDays("known_then", keep_all(tmp_path, before), tmp_path / "runs.parquet")
    stays = intervals(warehouse(days[AS_OF], aliases), kept)
    for day, members in days.items():
        found = {(segment, who) for segment, who, start, end, _, _ in stays if start <= day and (not end or day < end)}
        assert found == {(segment, aliases.get(who, who)) for segment, who in members}
    for one, next_one in pairwise(stays):
        assert one[:2] != next_one[:2] or ((one[3] is not None and one[3] < next_one[2]) or one[5])
    for _, _, start, end, is_left_censored, is_right_censored in stays:
        assert is_left_censored == (start - timedelta(days=1) not in days)
        assert is_right_censored == ((end or AS_OF + timedelta(days=1)) not in days)


def test_kept_runs_say_the_same_as_all_days_read_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs.parquet"
    days = {june(day): [("vips", f"p{number}") for number in range(day % 4)] for day in range(1, 30)}
    files = keep_all(tmp_path / "days", days)
    for day in (10, 20, 30):
        some = {day_before: path for day_before, path in files.items() if day_before < june(day)}
        today = warehouse([("vips", "p0")])
        kept = intervals(today, KeptDays("known_then", some, runs), june(day))
        assert kept == intervals(today, KeptDays("known_then", some), june(day))
    assert runs.exists()


def test_only_days_that_came_since_are_read(tmp_path: Path) -> None:
    runs = tmp_path / "runs.parquet"
    files = keep_all(tmp_path / "days", {june(28): [("vips", "ann")]})
    intervals(warehouse([]), KeptDays("known_then", files, runs), june(29))
    # The same file to whoever only looks at its size and time: not read again.
    before = files[june(28)].stat()
    files[june(28)].write_bytes(b"x" * before.st_size)
    os.utime(files[june(28)], ns=(before.st_atime_ns, before.st_mtime_ns))
    files |= keep_all(tmp_path / "days", {june(29): [("vips", "ann")]})
    stays = intervals(warehouse([]), KeptDays("known_then", files, runs))
    assert stays == [("vips", "ann", june(28), june(30), True, False)]


def test_a_day_that_was_replaced_or_went_makes_all_runs_anew(tmp_path: Path) -> None:
    runs = tmp_path / "runs.parquet"
    files = keep_all(tmp_path / "days", {june(28): [("vips", "ann")], june(29): [("vips", "ann")]})
    intervals(warehouse([]), KeptDays("known_now", files, runs))
    files |= keep_all(tmp_path / "days", {june(29): [("vips", "bob"), ("vips", "eve")]})
    assert [stay[:3] for stay in intervals(warehouse([]), KeptDays("known_now", files, runs))] == [
        ("vips", "ann", june(28)),
        ("vips", "bob", june(29)),
        ("vips", "eve", june(29)),
    ]
    del files[june(28)]
    stays = intervals(warehouse([]), KeptDays("known_now", files, runs))
    assert [stay[:3] for stay in stays] == [("vips", "bob", june(29)), ("vips", "eve", june(29))]
    runs.write_bytes(b"no Parquet")
    assert intervals(warehouse([]), KeptDays("known_now", files, runs)) == stays
