"""What an engine said when it gave up, and the setting that helps."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dagster_project.settings import Settings

# No file and no model is to blame for these: the next one would fail as well.
_RESOURCES = {
    r"OutOfMemory|Java heap space|Out of Memory Error|failed to offload": (
        "What is needed does not fit: raise SEGMENTS_MEMORY_LIMIT (now {settings.memory_limit}) or "
        "SEGMENTS_SPILL_LIMIT (now {limit})."
    ),
    r"No space left on device|database or disk is full": (
        "The disk is full: free space in {settings.data_dir}, or let SEGMENTS_SPILL_DIR be on a larger disk."
    ),
}
_SPARK = {
    r"PATH_NOT_FOUND|UNABLE_TO_INFER_SCHEMA|FAILED_READ_FILE|FILE_NOT_EXIST|corrupt": (
        "Spark cannot read a Parquet file. SEGMENTS_RAW_PARQUET_DIR ({settings.raw_parquet}) and SEGMENTS_SPARK_DIR "
        "({settings.spark_tables}) must be the same folders for this process and for Spark; a broken file in the first "
        "may be removed, the next run writes it again."
    ),
}
_GONE = r"TTransport|TSocket|Connection (refused|reset|lost)|Broken pipe|(not|failed to) connect|unexpected exception"
_ENGINES = {
    "duckdb": {},
    "spark": _SPARK
    | {
        rf"{_GONE}|Error while sending or receiving": (
            "The process of Spark ended: if the machine ran out of memory, lower SEGMENTS_MEMORY_LIMIT (now "
            "{settings.memory_limit}, the heap of Spark) or SEGMENTS_THREADS, and run again."
        ),
    },
    "spark_thrift": _SPARK
    | {
        _GONE: (
            "The Thrift server at {settings.spark_thrift_host}:{settings.spark_thrift_port} went away: see its log, "
            "start it and run again."
        ),
    },
}
_STACK_TRACE = re.compile(r"\n\s*(?:at |\.\.\. \d+ more|JVM stacktrace|== SQL|Possible solutions)")


def explained(message: str, settings: Settings) -> str:
    """What an engine said, without its stack trace, and the setting that helps where one does."""
    said = _STACK_TRACE.split(message, maxsplit=1)[0].strip()
    advice = _advice(message, _RESOURCES | _ENGINES[settings.engine])
    limit = settings.spill_limit or "nine tenths of the free disk"
    told = advice.format(settings=settings, limit=limit) if advice else ""
    return said if told in said else f"{said}\n{told}"


def unexpected(error: BaseException, settings: Settings) -> str:
    """A sentence for an error that nobody saw coming: what ran out, what cannot be written, or where the trace lies."""
    for link in _led_to(error):
        if is_short_of_resources(str(link)):
            return f"{explained(str(link), settings)}\nWhat is published is complete."
    path = settings.data_dir / "last_error.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        path.chmod(0o600)
    except OSError as refusal:
        return (
            f"{settings.data_dir} cannot be written ({refusal.strerror}): {error}\n"
            "Let SEGMENTS_DATA_DIR be a folder that this user may write to. What is published is complete."
        )
    return f"Unexpected {type(error).__name__}: {error}\nWhat is published is complete. The trace: {path}"


def _led_to(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it; errors that were raised again may lead to themselves."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def is_short_of_resources(message: str) -> bool:
    """Whether memory or disk ran out, which is the fault of no file and no model."""
    return _advice(message, _RESOURCES) is not None


def _advice(message: str, table: dict[str, str]) -> str | None:
    return next((advice for pattern, advice in table.items() if re.search(pattern, message, re.IGNORECASE)), None)
