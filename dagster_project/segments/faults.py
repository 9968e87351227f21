"""What is wrong with segment files, collected so that one run names every fault.

What counts as a fault is decided where files and rules are read; this module only remembers and words it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import yaml

_LISTED_AT_MOST = 14


@dataclass(frozen=True)
class Faults:
    """Faults of all files, seen from one file and, inside it, from one segment."""

    file: str = ""
    segment: str | None = None
    found: list[tuple[str, int, str]] = field(default_factory=list)

    def in_file(self, file: str) -> Faults:
        """The same list, for faults of ``file``."""
        return replace(self, file=file, segment=None)

    def in_segment(self, segment: str | None) -> Faults:
        """The same list, for faults of one segment of this file."""
        return replace(self, segment=segment)

    def add(self, place: yaml.Node | int, sentence: str) -> None:
        """Remember a fault at a node or at a line (first line is 1)."""
        line = place if isinstance(place, int) else place.start_mark.line + 1
        subject = f"segment {self.segment}: " if self.segment else ""
        self.found.append((self.file, line, f"{self.file}:{line}: {subject}{sentence}"))

    def raise_if_any(self) -> None:
        """Raise all faults as one error, in the order of files and lines.

        Raises:
            UsageError: something was added.
        """
        if self.found:
            raise UsageError("\n".join(sentence for _, _, sentence in sorted(self.found)))


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the closest option, else all of them while they are few."""
    known = list(options)
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6) or [
        option for option in known if option.lower() == word.lower()
    ]
    if close:
        return f"; did you mean {close[0]}?"
    return f"; write one of {', '.join(known)}" if 0 < len(known) <= _LISTED_AT_MOST else ""
