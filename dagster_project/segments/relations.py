"""What segments say about each other: names, references, nesting and exclusive groups.

Each fault is added with its line. Reading a single entry is the work of ``entry_reader.py``.
"""

from __future__ import annotations

import graphlib
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from dagster_project.segments import marked_yaml as marked
from dagster_project.segments.faults import Faults, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dagster_project.segments.entries import Segment
    from dagster_project.segments.entry_reader import Declared


def relate(declared: Sequence[Declared], faults: Faults) -> tuple[Segment, ...]:
    """All whole segments with their rivals and paths; who is referred to stands before who refers."""
    _check_names(declared, faults)
    _check_groups(declared, faults)
    rivals = _rivals(entry.segment for entry in declared if entry.segment)
    related = [_with_rivals(entry, rivals) for entry in declared]
    _check_references(related, faults)
    return () if faults.found else _with_paths(_ordered([entry.segment for entry in related if entry.segment]))


def _check_names(declared: Sequence[Declared], faults: Faults) -> None:
    first: dict[str, Declared] = {}
    for entry in declared:
        if entry.name is None:
            continue
        earlier = first.setdefault(entry.name, entry)
        if earlier is not entry:
            own = faults.in_file(entry.file).in_segment(marked.shown(entry.name))
            own.add(entry.line, f"the name stands already at {earlier.file}:{earlier.line}; rename one of the two")


def _check_groups(declared: Sequence[Declared], faults: Faults) -> None:
    """A group is exclusive when its segments have priorities: then each has one, and no two the same."""
    groups: dict[str, list[Declared]] = defaultdict(list)
    for entry in declared:
        if entry.segment and entry.segment.group:
            groups[entry.segment.group].append(entry)
        elif entry.segment and entry.segment.priority:
            own = faults.in_file(entry.file).in_segment(entry.name)
            own.add(entry.line, "`priority` decides inside a group; name the `group` as well")
    for group, members in groups.items():
        _check_priorities(group, members, faults)


def _check_priorities(group: str, members: Sequence[Declared], faults: Faults) -> None:
    first: dict[int | None, Declared] = {}
    for entry in members:
        priority = entry.segment.priority if entry.segment else None
        earlier = first.setdefault(priority, entry)
        own = faults.in_file(entry.file).in_segment(entry.name)
        if priority and earlier is not entry:
            own.add(entry.line, f"priority {priority} of group {group} is that of {earlier.name} already; change one")
        elif priority is None and any(other.segment and other.segment.priority for other in members):
            own.add(entry.line, f"group {group} is exclusive, as others in it have a `priority`; give this one its own")


def _rivals(segments: Iterable[Segment]) -> dict[str, tuple[str, ...]]:
    """For each segment of an exclusive group those that come before it, first one first."""
    groups: dict[str | None, list[tuple[int, str]]] = defaultdict(list)
    for segment in segments:
        if segment.priority:
            groups[segment.group].append((segment.priority, segment.name))
    ordered = [[name for _, name in sorted(group)] for group in groups.values()]
    return {name: tuple(names[:place]) for names in ordered for place, name in enumerate(names)}


def _with_rivals(entry: Declared, rivals: Mapping[str, tuple[str, ...]]) -> Declared:
    if entry.segment is None or not rivals.get(entry.segment.name):
        return entry
    return replace(entry, segment=replace(entry.segment, rivals=rivals[entry.segment.name]))


def _check_references(declared: Sequence[Declared], faults: Faults) -> None:
    names = sorted({entry.name for entry in declared if entry.name is not None})
    for entry in declared:
        own = faults.in_file(entry.file).in_segment(entry.name)
        for within in entry.segment.references if entry.segment else ():
            if within.segment not in names:
                close = did_you_mean(within.segment, names) or "; declare it or correct the name"
                own.add(within.line, f"`within: {marked.shown(within.segment)}` is not a segment{close}")
        for audience in entry.segment.audiences if entry.segment else ():
            for name in audience.unless_in:
                if name not in names:
                    close = did_you_mean(name, names) or "; declare it or correct the name"
                    own.add(entry.line, f"`unless_in: {marked.shown(name)}` is not a segment{close}")
    cycle = _first_cycle(declared)
    if cycle:
        entry = next(entry for entry in declared if entry.name == cycle[0])
        own = faults.in_file(entry.file).in_segment(entry.name)
        own.add(entry.line, _circle(cycle, {entry.name: entry.segment for entry in declared if entry.segment}))


def _circle(cycle: Sequence[str], segments: Mapping[str | None, Segment]) -> str:
    """The sentence about segments that wait for each other: inside another, or after it in a group."""
    words = ["after" if other in segments[name].rivals else "within" for name, other in pairwise(cycle)]
    path = " ".join([cycle[0], *(f"{word} {name}" for word, name in zip(words, cycle[1:], strict=True))])
    fix = "take one `within` out" + (" or change a `priority`" if "after" in words else "")
    return f"segments refer to each other in a circle ({path}); {fix}"


def _first_cycle(declared: Sequence[Declared]) -> list[str]:
    graph = {entry.segment.name: entry.segment.within for entry in declared if entry.segment}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [str(name) for name in reversed(error.args[1])]
    return []


def _ordered(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """As declared, except that whoever is referred to comes first."""
    by_name = {segment.name: segment for segment in segments}
    ordered: dict[str, Segment] = {}

    def place(segment: Segment) -> None:
        for reference in segment.within:
            if reference not in ordered:
                place(by_name[reference])
        ordered[segment.name] = segment

    for segment in segments:
        if segment.name not in ordered:
            place(segment)
    return tuple(ordered.values())


def _with_paths(ordered: Iterable[Segment]) -> tuple[Segment, ...]:
    paths: dict[str, str] = {}
    for segment in ordered:
        paths[segment.name] = f"{paths[segment.parent]}/{segment.name}" if segment.parent else segment.name
    return tuple(replace(segment, path=paths[segment.name]) for segment in ordered)
