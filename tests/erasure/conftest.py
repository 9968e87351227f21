from __future__ import annotations

from tests.raw.conftest import command, landing

__all__ = ["command", "landing"]
