"""What became of landing files, for people and for the records of a run; nothing here reads or writes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FileLoad:
    """What became of one landing file; ``was_loaded`` is false where its content is in the ledger already."""

    file: str
    source: str
    sha256: str
    rows_read: int = 0
    rows_used: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_skipped: int = 0
    skipped_by_rule: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    was_loaded: bool = True
    tables: dict[str, int] = field(default_factory=dict)

    def sentence(self) -> str:
        """The outcome for people."""
        parts = [f"{self.rows_read:,} rows read", f"{self.rows_used:,} used"]
        others = {
            "quarantined": self.rows_quarantined,
            "duplicate": self.rows_duplicate,
            "skipped by rule": self.rows_skipped,
        }
        return f"{self.file}: {', '.join([*parts, *(f'{count:,} {word}' for word, count in others.items() if count)])}"

    def warning(self) -> str:
        """The warning to look at first, for people; empty where there is none. The ledger holds all."""
        first = min(self.warnings, key=lambda warning: warning.startswith("drift: "), default="")
        others = len(self.warnings) - 1
        more = f", and {others:,} more in quality.load_ledger" if others > 0 else ""
        return f"{self.file}: {first}{more}" if first else ""


@dataclass(frozen=True)
class LoadReport:
    """One load: every claimed file in loading order, and a sentence per file that nobody claims."""

    files: list[FileLoad]
    warnings: list[str]

    @property
    def rows_added(self) -> dict[str, int]:
        """Rows added per raw table."""
        totals: dict[str, int] = {}
        for file in self.files:
            for table, count in file.tables.items():
                totals[table] = totals.get(table, 0) + count
        return totals
