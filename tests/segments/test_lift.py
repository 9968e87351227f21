"""What memberships were worth, on people who can be counted by hand and against published figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.segments.lift import lift_days, write_lift

if TYPE_CHECKING:
    from pathlib import Path

DAY, AS_OF = date(2026, 1, 1), date(2026, 4, 1)
# Of ten members eight bought: Wilson's interval is 49.02 % to 94.33 % (Brown, Cai and DasGupta 2001, and any table).
PUBLISHED = {(8, 10): (0.4902, 0.9433), (0, 10): (0.0, 0.2775), (1, 1): (0.2065, 1.0)}


def _lift(folder: Path, members: int, buyers: int, others: int = 90, other_buyers: int = 10) -> tuple[object, ...]:
    build = duckdb.connect()
    build.execute("create schema marts; create schema segments")
    build.execute(
        "create table marts.fct_orders "
        "(customer_id varchar, is_counted boolean, order_date date, net_revenue_amount decimal(18, 2))"
    )
    people = [f"m{number}" for number in range(members)] + [f"o{number}" for number in range(others)]
    bought = [f"m{number}" for number in range(buyers)] + [f"o{number}" for number in range(other_buyers)]
    for person in bought:
        build.execute("insert into marts.fct_orders values (?, true, ?, 10)", [person, DAY + timedelta(days=1)])
    # No outcome: on the day itself, a day too late, and an order that does not count.
    for number, (day, is_counted) in enumerate([(DAY, True), (DAY + timedelta(days=91), True), (AS_OF, False)]):
        build.execute("insert into marts.fct_orders values (?, ?, ?, 99)", [people[-1 - number], is_counted, day])
    build.execute("create table kept_people (customer_id varchar, customer_kind varchar)")
    build.executemany("insert into kept_people values (?, 'buyer')", [[person] for person in people])
    build.execute("insert into kept_people values ('device', 'anonymous')")
    build.execute(f"copy kept_people to '{folder}/customers.parquet'")
    rows = "select 'some' as segment, customer_id from kept_people where customer_id ^@ 'm'"
    build.execute(f"copy ({rows}) to '{folder}/memberships.parquet'")
    assert write_lift(build, AS_OF, {DAY: folder}) == 1
    return build.execute("select * exclude (segment, as_of_date, outcome_until_date) from segments.lift").fetchall()[0]


@pytest.mark.parametrize(("buyers", "members"), list(PUBLISHED))
def test_the_interval_is_wilsons(tmp_path: Path, buyers: int, members: int) -> None:
    row = _lift(tmp_path, members, buyers)
    assert row[:2] == (members, buyers)
    assert row[7:9] == pytest.approx(PUBLISHED[buyers, members], abs=5e-5)


def test_shares_and_lifts_are_those_of_counting(tmp_path: Path) -> None:
    row = _lift(tmp_path, 10, 8)
    assert row[:4] == (10, 8, 100, 18), "the anonymous are no base"
    assert (float(row[4]), float(row[5])) == (80, 180)  # type: ignore[arg-type]
    assert row[6] == pytest.approx(0.8)
    assert row[9:12] == pytest.approx((0.18, 0.8 / 0.18, 8 / 1.8))
    assert row[12] is True


def test_what_chance_could_make_is_not_significant(tmp_path: Path) -> None:
    assert _lift(tmp_path, 10, 2, 90, 10)[12] is False
    assert _lift(tmp_path, 10, 0, 90, 0)[10] is None, "no base, no lift"


def test_days_are_one_a_month_and_their_outcome_is_complete(tmp_path: Path) -> None:
    days = dict.fromkeys([date(2025, month, day) for month in range(1, 13) for day in (1, 15)], tmp_path)
    days |= dict.fromkeys([DAY, DAY + timedelta(days=1)], tmp_path)
    found = lift_days(days, AS_OF)
    assert found[-1] == DAY, "the next day is over one day later"
    assert found == [*(date(2025, month, 15) for month in range(2, 13)), DAY]
    assert lift_days(days, AS_OF + timedelta(days=1))[-1] == DAY + timedelta(days=1)
