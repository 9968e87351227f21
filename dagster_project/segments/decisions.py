"""What decided the columns of the profile that rules read: thresholds in words, and the decision again as SQL.

The models decide; ``decisions.yml`` says it a second time by what stands beside the column in the profile, so that
reasons tell the numbers in use, and a threshold can be moved without building anything.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from dagster_project.yaml_files import parsed, project_vars

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).with_name("decisions.yml")
_PLACE = re.compile(r"\{(=?)(\w+)\}")


class Decision(BaseModel):
    """One column: its thresholds in words, and how it follows from others; empty where there is nothing to say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    told: str = ""
    holds: str = ""

    @property
    def thresholds(self) -> str:
        """The thresholds as they are now, in words."""
        return _PLACE.sub(lambda place: _words(place[2], project_vars()[place[2]]), self.told)

    @property
    def movable(self) -> tuple[str, ...]:
        """Vars that can be moved alone, each once."""
        return tuple(dict.fromkeys(name for fixed, name in _PLACE.findall(self.holds) if not fixed))

    def sql(self, moved: Mapping[str, int]) -> str:
        """The decision over the profile, by the thresholds as they are now but for those that are moved."""
        values = {**project_vars(), **moved}
        return _PLACE.sub(lambda place: str(values[place[2]]), self.holds)


@cache
def decisions() -> dict[str, Decision]:
    """Every decision by its column."""
    declared = parsed(_FILE.read_text(encoding="utf-8"))
    return {name: Decision.model_validate(each) for name, each in declared.items()}


def _words(name: str, value: int) -> str:
    """A value in its unit; where the unit is no part of the number, the text around says it."""
    if not name.endswith("_bp"):
        return str(value)
    hundredths = f"{value / 100:g}"
    return f"{hundredths}{_ordinal(hundredths)} percentile" if name.endswith("percentile_bp") else f"{hundredths} %"


def _ordinal(number: str) -> str:
    return "th" if number[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1:], "th")
