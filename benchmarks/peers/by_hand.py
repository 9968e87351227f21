"""The by-hand yardsticks: ``by_hand.sql``, or ``whole/``, in a fresh DuckDB file, and what the two phases cost.

Knows nothing of the pipeline, so that another Python can run it. What it leaves out stands at the top of the SQL.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.process import cpu_seconds, peer_arguments, report

if TYPE_CHECKING:
    from datetime import date

SCRIPT = Path(__file__).with_name("by_hand.sql")
WHOLE = SCRIPT.with_name("whole")
MARK = "-- phase: "
PART = re.compile(r"^-- part: (\w+)\n(.*?)^-- end of part$", re.MULTILINE | re.DOTALL)
BORROWED = re.compile(r"^-- by_hand.sql: (\w+)$", re.MULTILINE)


def compute(  # noqa: PLR0917
    folder: Path,
    as_of: date,
    database: Path,
    threads: int = 2,
    memory_limit: str = "4GB",
    pseudonym_key: str = "a key for tests",
    *,
    whole: bool = False,
) -> dict[str, float]:
    """Compute ``customer_profiles`` into a database file and give the CPU-seconds of "load" and "models".

    Args:
        folder: landing files as ``benchmarks.large_shop`` writes them.
        as_of: the last day that is seen.
        database: the file to make; one that is there already is replaced.
        threads: threads of the engine.
        memory_limit: memory of the engine, as DuckDB spells it.
        pseudonym_key: the secret behind the ids of people without a customer id.
        whole: all columns of the profile, not only those that the other peers give too.
    """
    import duckdb  # noqa: PLC0415

    database.unlink(missing_ok=True)
    costs = {}
    with duckdb.connect(str(database), config={"threads": threads, "memory_limit": memory_limit}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        for name, value in {"folder": str(folder), "as_of": as_of.isoformat(), "pseudonym_key": pseudonym_key}.items():
            connection.execute(f"set variable {name} = '{value.replace(chr(39), chr(39) * 2)}'")
        for phase, statements in phases(whole=whole).items():
            before = cpu_seconds()
            connection.execute(statements).fetchall()
            costs[phase] = cpu_seconds() - before
    return costs


def phases(*, whole: bool = False) -> dict[str, str]:
    """The statements of each phase of the script, or of the scripts of the whole profile."""
    script = SCRIPT.read_text(encoding="utf-8")
    if whole:
        shared = dict(PART.findall(script))
        files = (path.read_text(encoding="utf-8") for path in sorted(WHOLE.glob("*.sql")))
        script = BORROWED.sub(lambda found: shared[found[1]], "\n".join(files))
    _, *parts = script.split(MARK)
    return {name: statements for name, _, statements in (part.partition("\n") for part in parts)}


def main() -> None:
    """Compute once and print one line of JSON."""
    chosen = peer_arguments("by_hand", with_database=True)
    engine = (chosen.database, chosen.threads, chosen.memory_limit)
    costs = compute(chosen.folder, chosen.as_of, *engine, whole=chosen.whole)
    sys.stdout.write(report(costs))


if __name__ == "__main__":
    main()
