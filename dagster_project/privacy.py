"""Files that carry personal data belong to their owner alone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def private_files() -> Iterator[None]:
    """Files made inside are the owner's alone: a database, its write-ahead log and what it spills."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
