"""What became of a run: told by publish, shown by the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

HISTORY_ONLY = "written to history only"


@dataclass(frozen=True)
class Outcome:
    """The last word of a run about the day that it built."""

    text: str
    as_of: date

    @property
    def is_history_only(self) -> bool:
        """A later day stands published, so this one was only kept."""
        return self.text.startswith(HISTORY_ONLY)

    @property
    def sentence(self) -> str:
        """The text as the beginning of a sentence."""
        return f"{self.text[0].upper()}{self.text[1:]}"
