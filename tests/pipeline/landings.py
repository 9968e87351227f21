"""The same facts landing in many ways: shuffled into files, late, twice, split, in several versions, or day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from tests.pipeline.fuzzed import LAST_DAY, Rows, rates, world_rows

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

Fact = tuple[str, dict[str, Any]]

FIRST_LOAD = datetime.combine(LAST_DAY + timedelta(days=60), time(), tzinfo=UTC)


def facts(seeds: Iterable[int], dice: random.Random) -> list[Fact]:
    """Every row of many worlds, in no order; some events stand there in a second and third version."""
    found = [(table, row) for seed in seeds for table, rows in world_rows(seed).items() for row in rows]
    events = [row for table, row in found if table == "events"]
    found += [("events", _version(row, dice)) for row in dice.sample(events, len(events) // 4)]
    found += [("events", row) for seed in seeds for row in _nights(seed, dice)]
    dice.shuffle(found)
    return found


def _nights(seed: int, dice: random.Random) -> list[dict[str, Any]]:
    """Visits around the midnights of a shop in Berlin, with silences that nearly end them."""
    midnight = datetime.combine(LAST_DAY, time(22), tzinfo=UTC)
    return [
        {
            "event_id": f"w{seed:03d}-n{number}",
            "occurred_at": (midnight - timedelta(days=dice.randrange(3), minutes=dice.randrange(-75, 75))).isoformat(),
            "event_type": dice.choice(("page_view", "search", "add_to_cart")),
            "anonymous_id": f"w{seed:03d}-d{dice.randint(0, 1)}",
        }
        for number in range(12)
    ]


def _version(event: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same event at another time, on another device, of another session, of no documented type, or of nobody."""
    moved = datetime.fromisoformat(event["occurred_at"]) + timedelta(
        minutes=dice.choice((-1440, -31, -30, -10, 10, 30, 31, 1440))
    )
    world, changes = event["event_id"].split("-")[0], dice.randrange(6)
    changed = {
        0: {"occurred_at": moved.isoformat()},
        1: {"occurred_at": moved.isoformat(), "anonymous_id": f"{world}-d{dice.randint(0, 4)}"},
        2: {"anonymous_id": f"{world}-d{dice.randint(0, 4)}"},
        3: {"session_id": f"{world}-s{dice.randint(0, 3)}"},
        4: {"event_type": "mouse_moved"},
        5: {"anonymous_id": None, "customer_id": None, "email": None, "session_id": None},
    }[changes]
    return {**event, **changed}


def shuffled(rows: list[Fact], count: int, dice: random.Random) -> list[Rows]:
    """So many landings, in each of them any of the rows; one in ten lands again later, or in the same file."""
    again = dice.sample(rows, len(rows) // 10)
    return _landings((dice.randrange(count), table, row) for table, row in [*rows, *again])


def day_by_day(rows: list[Fact]) -> list[Rows]:
    """One landing per day on which an event happened; all that is no event lands first."""
    days = sorted({_day(row) for table, row in rows if table == "events"})
    place = {day: at for at, day in enumerate(days)}
    return _landings((place[_day(row)] if table == "events" else 0, table, row) for table, row in rows)


def at_once(rows: list[Fact]) -> list[Rows]:
    """All in one landing."""
    return _landings((0, table, row) for table, row in rows)


def _day(row: dict[str, Any]) -> date:
    return datetime.fromisoformat(row["occurred_at"]).date()


def _landings(placed: Iterable[tuple[int, str, dict[str, Any]]]) -> list[Rows]:
    # An order that lands before the rate of its currency is quarantined.
    found: dict[int, Rows] = {0: {"fx_rates": rates()}}
    for place, table, row in placed:
        found.setdefault(place, {}).setdefault(table, []).append(row)
    return [found[place] for place in sorted(found)]
