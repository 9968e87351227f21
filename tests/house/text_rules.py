"""The rules of the house for any text file of the project, and for the lock file. The words stand here in pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOSTS = ("pypi" + r"\.org", "python" + r"hosted\.org", r"--(?:extra-)?index-" + "url", r"--trusted-" + "host")
_PATHS = (r"(?<![\w.~}])/(?:ho" + r"me|Us" + r"ers|ro" + r"ot|wo" + r"rk)/\w", r"\.\./sha" + r"red\b(?!/data)")
_TALK = (
    r"\bissue #" + r"?\d",
    r"\breview" + r"ers?\b",
    r"\b(?:this|last|next|earlier|previous) (?:working )?sess" + r"ion of work\b",
    r"\bco-authored" + r"-by\b",
    r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
)


def foreign_words(text: str) -> Iterator[str]:
    """Addresses of package indexes, paths of one machine, and talk about how the project came about."""
    for number, line in enumerate(text.splitlines(), start=1):
        for patterns, reason in (
            (_HOSTS, "where packages come from is the user's business"),
            (_PATHS, "a path of one machine"),
            (_TALK, "the project speaks of itself alone"),
        ):
            for pattern in patterns:
                if match := re.search(pattern, line):
                    yield f"line {number}: {match.group()}: {reason}"


def lock_faults(text: str) -> Iterator[str]:
    """Every pin of a lock file has a hash, and nothing says where it comes from."""
    for entry in re.sub(r"\\\n", " ", text).splitlines():
        line = entry.split(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        if not re.match(r"[A-Za-z0-9][\w.\-]*(?:\[[\w,\-]+\])?==\S+", line):
            yield f"{line[:60]}: an entry is name==version"
        elif "--hash=sha256:" not in line:
            yield f"{line[:60]}: no hash"
        if re.search(r"https?:|file:", line):
            yield f"{line[:60]}: an address"
