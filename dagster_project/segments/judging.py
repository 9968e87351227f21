"""Asking everybody all rules at once: the profile is read and sorted once, and not once per segment.

What becomes of the answers is decided in ``membership.py`` and ``candidates.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.segments.compiler import answer_column, predicate, sql_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dagster_project.segments.entries import Segment


def judged(segments: Sequence[Segment]) -> str:
    """Query over the profile: ``customer_id``, in its order, and per segment whether the person is a member.

    Segments are told apart by ``compiler.answer_column``. A rule that refers to another of them takes its answer; to
    any other segment, its table.
    """
    people, answered = "profiles.customer_profiles", frozenset[str]()
    for level in _levels(segments):
        answers = [f"{_answer(segment, answered)} as {_name(segment)}" for segment in level]
        people = f"(select *, {', '.join(answers)} from {people})"
        answered |= {segment.name for segment in level}
    return f"select {', '.join(['customer_id', *map(_name, segments)])} from {people} order by customer_id"


def contending(segments: Iterable[Segment]) -> str:
    """As ``judged``, whether each rule holds, whoever wins the person; segments that they refer to are tables."""
    held = [f"{segment.candidate_predicate} as {_name(segment)}" for segment in segments]
    return f"select customer_id, {', '.join(held)} from profiles.customer_profiles order by customer_id"


def _levels(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Segments one after the other where they refer to each other, so that no rule is written out in another."""
    waiting = list(segments)
    while waiting:
        names = {segment.name for segment in waiting}
        level = [segment for segment in waiting if names.isdisjoint(segment.within)]
        yield level
        waiting = [segment for segment in waiting if segment not in level]


def _answer(segment: Segment, answered: frozenset[str]) -> str:
    return predicate(segment.whole_rule, include_anonymous=segment.include_anonymous, answered=answered)


def _name(segment: Segment) -> str:
    return sql_of(answer_column(segment.name))
