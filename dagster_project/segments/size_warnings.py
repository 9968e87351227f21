"""Sentences about segments whose size its owner should look at; the sizes themselves come from ``membership.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.segments.entries import ExpectedShare

_PERCENT_DIGITS = range(1, 7)


@dataclass(frozen=True)
class SizeRules:
    """Below which size a segment is too small to act on.

    Attributes:
        min_members_count: members at least; with fewer, a difference between two groups is noise.
        min_known_share_bp: members per 10,000 known customers at least; 100 is 1 %.
        min_addressed_count: with fewer, a segment is for reports only: its audience files stay empty.
    """

    min_members_count: int = 100
    min_known_share_bp: int = 100
    min_addressed_count: int = 30


@dataclass(frozen=True)
class SegmentSize:
    """What the warnings need to know of one row of ``segments.sizes``; ``share`` is of known customers (0 to 1)."""

    segment: str
    members_count: int
    share: float | None
    is_too_small: bool


def too_small(size: SegmentSize, rules: SizeRules) -> str | None:
    """What to say of a segment that is too small to act on; None for others."""
    if not size.is_too_small:
        return None
    members = f"{size.segment} has {size.members_count:,} {'member' if size.members_count == 1 else 'members'}"
    if size.members_count < rules.min_members_count:
        return f"{members}, fewer than {rules.min_members_count:,}: too small to act on"
    return (
        f"{members}, fewer than {_percent(rules.min_known_share_bp / 10_000)} of known customers: too small to act on"
    )


def unexpected_share(size: SegmentSize, expected: ExpectedShare) -> str | None:
    """What to say of a segment whose share of known customers its owner does not expect; None for others."""
    if size.share is None or expected.at_least <= size.share <= expected.at_most:
        return None
    word, limit = ("most", expected.at_most) if size.share > expected.at_most else ("least", expected.at_least)
    share = _percent(size.share, apart_from=limit)
    return f"{size.segment} are {share} of known customers, expected at {word} {_percent(limit)}"


def _percent(share: float, apart_from: float | None = None) -> str:
    """A share as per cent, with one decimal or as many as tell it from another share."""
    shown = ""
    for digits in _PERCENT_DIGITS:
        shown = f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + " %"
        if apart_from is None or shown != _percent(apart_from):
            break
    return shown
