"""Whether the figures can be trusted: rows read and refused, checks, and the source's totals beside the build's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    import duckdb

# A landing folder can hold thousands of daily files; the page shows those with refused rows first.
FILES_SHOWN = 100
REASONS_SHOWN = 100
CHECKS_SHOWN = 100
FINDINGS_SHOWN = 5
# The measures of the reconciliation that are no amounts of money, and how others of the kind begin.
_COUNTED_MEASURES = {"orders", "refunds"}
_COUNTED_PEOPLE = "customers over "


@dataclass(frozen=True)
class Load:
    """What became of the rows of one file, or of all: read = used + quarantined + duplicate + skipped."""

    file: str
    read_count: int
    used_count: int
    quarantined_count: int
    duplicate_count: int
    skipped_count: int

    @property
    def is_balanced(self) -> bool:
        """The conservation law holds."""
        return self.read_count == self.used_count + self.quarantined_count + self.duplicate_count + self.skipped_count


@dataclass(frozen=True)
class Loads:
    """All files in sum, those shown one by one, and how many are not shown."""

    total: Load
    files: tuple[Load, ...]
    files_count: int

    @property
    def hidden_count(self) -> int:
        """Files that are in the total only."""
        return self.files_count - len(self.files)


@dataclass(frozen=True)
class Refusal:
    """Rows refused for one reason in one column (None: the row as a whole), over all files."""

    reason: str
    column: str | None
    files_count: int
    rows_count: int


@dataclass(frozen=True)
class Check:
    """One test or check and what it found."""

    name: str
    asset: str
    severity: str
    is_passed: bool
    failures_count: int
    message: str

    @property
    def findings(self) -> tuple[str, ...]:
        """What was found, sentence by sentence; only the first few of many."""
        sentences = [sentence for sentence in self.message.split("; ") if sentence]
        more = len(sentences) - FINDINGS_SHOWN
        return (*sentences[:FINDINGS_SHOWN], *([f"and {more:,} more"] if more > 0 else []))

    @property
    def verdict(self) -> str:
        """``failed`` keeps a build from being published, ``warning`` does not."""
        if self.is_passed:
            return "passed"
        return "failed" if self.severity == "error" else "warning"


@dataclass(frozen=True)
class Checks:
    """All checks by verdict."""

    failed: tuple[Check, ...]
    warnings: tuple[Check, ...]
    passed: tuple[Check, ...]

    @property
    def not_passed(self) -> tuple[Check, ...]:
        """Failed checks, then warnings; only the first of many."""
        return (*self.failed, *self.warnings)[:CHECKS_SHOWN]

    @property
    def hidden_count(self) -> int:
        """Checks that did not pass and are not shown one by one."""
        return len(self.failed) + len(self.warnings) - len(self.not_passed)

    @property
    def count(self) -> int:
        """All checks that were asked."""
        return len(self.failed) + len(self.warnings) + len(self.passed)


@dataclass(frozen=True)
class Measure:
    """One total of the source beside that of the build."""

    name: str
    source_amount: Decimal | None
    built_amount: Decimal
    difference_amount: Decimal

    @property
    def is_amount(self) -> bool:
        """It is money, and not a number of things."""
        return self.name not in _COUNTED_MEASURES and not self.name.startswith(_COUNTED_PEOPLE)


def read_loads(connection: duckdb.DuckDBPyConnection) -> Loads:
    """Rows per file, files with refused rows first."""
    (total,) = connection.execute("""
        select
            count(*),
            cast(coalesce(sum(rows_read), 0) as bigint),
            cast(coalesce(sum(rows_used), 0) as bigint),
            cast(coalesce(sum(rows_quarantined), 0) as bigint),
            cast(coalesce(sum(rows_duplicate), 0) as bigint),
            cast(coalesce(sum(rows_skipped), 0) as bigint)
        from quality.load_ledger
    """).fetchall()
    rows = connection.execute(
        """
        select file, rows_read, rows_used, rows_quarantined, rows_duplicate, rows_skipped
        from quality.load_ledger
        order by rows_quarantined > 0 desc, file, sha256
        limit $shown
        """,
        {"shown": FILES_SHOWN},
    ).fetchall()
    return Loads(Load("All files", *total[1:]), tuple(Load(*row) for row in rows), total[0])


def read_refusals(connection: duckdb.DuckDBPyConnection) -> tuple[Refusal, ...]:
    """Refused rows by reason and column, the most frequent first."""
    rows = connection.execute(
        """
        select reason_code, column_name, count(distinct file), cast(sum(rows_count) as bigint) as refused_count
        from quality.quarantine_summary
        group by reason_code, column_name
        order by refused_count desc, reason_code, column_name
        limit $shown
        """,
        {"shown": REASONS_SHOWN},
    ).fetchall()
    return tuple(Refusal(*row) for row in rows)


def read_checks(connection: duckdb.DuckDBPyConnection) -> Checks:
    """Every test and check of the build."""
    rows = connection.execute("""
        select check_name, coalesce(asset, ''), severity, is_passed, failures_count, coalesce(message, '')
        from quality.check_results
        order by check_name
    """).fetchall()
    found = [Check(*row) for row in rows]

    def those(verdict: str) -> tuple[Check, ...]:
        return tuple(check for check in found if check.verdict == verdict)

    return Checks(those("failed"), those("warning"), those("passed"))


def read_measures(connection: duckdb.DuckDBPyConnection) -> tuple[Measure, ...]:
    """The reconciliation, as it was written."""
    rows = connection.execute(
        "select measure, source_amount, built_amount, difference_amount from quality.reconciliation order by rowid"
    ).fetchall()
    return tuple(Measure(*row) for row in rows)
