"""What a segment consists of, and the limits of each field.

Reading entries is the work of ``entry_reader.py``; what concerns several of them is checked in ``catalog.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from dagster_project.segments.audiences import Audience, each_once
from dagster_project.segments.compiler import predicate, rule_text, rule_version
from dagster_project.segments.marked_yaml import shown
from dagster_project.segments.rules import Not, Rule, Within, joined, parts

RESERVED_NAMES = frozenset(
    {
        *("memberships", "reasons", "candidates", "membership_intervals", "dictionary", "sizes"),
        *("overlaps", "sensitivity", "transitions", "lift", "definitions"),
    }
)
# By which column of the profile a person is known to have said yes.
CONSENTS = {
    "email": "is_email_contactable",
    "sms": "is_sms_contactable",
    "ads": "is_ads_contactable",
    "profiling": "is_profiling_allowed",
}
# From the few that everybody should know to those that are tried out; the overview counts the first.
Pack = Literal["core", "extended", "experimental"]
# Words that SQL keeps for itself: a table of that name could only be read in quotes.
SQL_WORDS = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
    deferrable desc describe distinct do else end except false fetch for foreign from group having in initially
    intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing
    primary qualify references returning select show some summarize symmetric table then to trailing true union unique
    unpivot using variadic when where window with""".split()  # noqa: SIM905  (one word per line would be a page)
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ExpectedShare(_Entry):
    """Between which shares of known customers a segment is as its owner expects."""

    at_least: float = Field(0.0, ge=0, le=1)
    at_most: float = Field(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> ExpectedShare:
        if self.at_least > self.at_most:
            message = f"at_least ({self.at_least:g}) is above at_most ({self.at_most:g}); swap them"
            raise ValueError(message)
        return self


class SegmentEntry(_Entry):
    """Everything about a segment except its rule."""

    name: Text
    title: Text | None = None
    description: Text
    owner: Text
    purpose: Text
    within: Text | None = None
    group: Text | None = None
    priority: int | None = Field(None, ge=1, le=1000)
    pack: Pack = "core"
    consent: Literal["email", "sms", "ads", "profiling"] | None = None
    consent_purpose: Text | None = None
    expected_share: ExpectedShare
    include_anonymous: bool = False
    audiences: Annotated[tuple[Audience, ...], AfterValidator(each_once)] = ()

    @field_validator("name")
    @classmethod
    def _usable_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", value):
            message = (
                f"`{shown(value)}` is no name for a table; "
                "take at most 48 lower-case letters, digits and _, beginning with a letter"
            )
            raise ValueError(message)
        if value in RESERVED_NAMES:
            message = f"`{value}` is the name of a table of the project; take a plural noun for people"
            raise ValueError(message)
        if value in SQL_WORDS:
            message = f"`{value}` is a word of SQL; take a plural noun for people"
            raise ValueError(message)
        return value

    @field_validator("title", "description", "owner", "purpose", "within", "group")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        return None if value is None else " ".join(value.split())


@dataclass(frozen=True)
class Segment:
    """One declared segment, checked.

    Attributes:
        parent: the segment that it stands inside, which its rule requires as well.
        priority: place in an exclusive group, 1 first; None where the group is only a heading.
        consent: by which consent its members are addressed; ``profiling`` is required to be a member at all.
        consent_purpose: what its members must have allowed profiling for, where the rule reads sensitive data.
        rule: who is a candidate; a member is who is in none of the rivals.
        pack: ``core`` segments are what people should have in mind; ``extended`` and ``experimental`` come on top.
        rivals: segments of the same exclusive group that come before this one.
        path: its name behind those that it stands inside, ``parent/child``.
    """

    name: str
    title: str
    description: str
    owner: str
    purpose: str
    group: str | None
    expected_share: ExpectedShare
    include_anonymous: bool
    rule: Rule
    parent: str | None = None
    priority: int | None = None
    consent: str | None = None
    pack: Pack = "core"
    consent_purpose: str | None = None
    rivals: tuple[str, ...] = ()
    path: str = ""
    audiences: tuple[Audience, ...] = ()

    @property
    def within(self) -> tuple[str, ...]:
        """Segments that the rule refers to, each once."""
        return tuple(dict.fromkeys(part.segment for part in self.references))

    @property
    def references(self) -> tuple[Within, ...]:
        """Every place where the rule refers to a segment."""
        return tuple(part for part in parts(self.whole_rule) if isinstance(part, Within))

    @property
    def whole_rule(self) -> Rule:
        """The rule of members: of candidates whom no rival takes."""
        return joined(self.rule, *(Not(Within(rival)) for rival in self.rivals))

    @property
    def predicate(self) -> str:
        """The rule as SQL over the profile: true for members, else false."""
        return predicate(self.whole_rule, include_anonymous=self.include_anonymous)

    @property
    def candidate_predicate(self) -> str:
        """As ``predicate``, for candidates whether or not a rival takes them."""
        return predicate(self.rule, include_anonymous=self.include_anonymous)

    @property
    def rule_text(self) -> str:
        """The rule in one line for people."""
        text = rule_text(self.rule, include_anonymous=self.include_anonymous)
        return f"{text}, unless in {' or '.join(self.rivals)}" if self.rivals else text

    @property
    def rule_version(self) -> str:
        """Changes when, and only when, the rule does."""
        return rule_version(self.whole_rule, include_anonymous=self.include_anonymous)
