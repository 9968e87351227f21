"""The errors that people see: one sentence that names what is wrong, where, and the fix."""

from __future__ import annotations


class SegmentsError(Exception):
    """The run failed; published output is unchanged. Exit code 1."""

    exit_code = 1


class UsageError(SegmentsError):
    """A setting, a rule or a mapping is wrong. Exit code 2."""

    exit_code = 2


class BusyError(SegmentsError):
    """Another run is writing. Exit code 75."""

    exit_code = 75
