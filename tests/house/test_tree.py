"""Files speak of the project alone, pins are complete, and the machine room keeps the engines apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.text_rules import foreign_words, lock_faults
from tests.house.tree import ROOT, tracked_texts

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = ("requirements.lock", "requirements-spark.lock", "requirements-api.lock")


def test_files_speak_of_the_project_alone() -> None:
    found = [
        f"{name}: {fault}"
        for name, text in tracked_texts().items()
        if name not in LOCKS
        for fault in foreign_words(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "==" in text
    found = list(lock_faults(text))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("lock", "own"), [("requirements-spark.lock", {"dbt-spark", "pyspark"}), ("requirements-api.lock", {"dlt"})]
)
def test_an_extra_changes_no_pin(lock: str, own: set[str]) -> None:
    base, extra = _pins(ROOT / LOCKS[0]), _pins(ROOT / lock)
    assert {name: pin for name, pin in extra.items() if base.get(name, pin) != pin} == {}
    assert own <= set(extra) - set(base)


def test_extras_agree_on_what_they_share() -> None:
    spark, api = (_pins(ROOT / lock) for lock in LOCKS[1:])
    assert {name: (spark[name], api[name]) for name in spark.keys() & api.keys() if spark[name] != api[name]} == {}


def _pins(lock: Path) -> dict[str, str]:
    pins = re.findall(r"^([\w.\-]+)(?:\[[^]]*\])?==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(pins)


def test_only_the_portable_macros_dispatch_to_an_engine() -> None:
    found = [
        name
        for name, text in tracked_texts().items()
        if name.endswith(".sql") and "adapter.dispatch" in text and not name.startswith("dbt/macros/portable/")
    ]
    assert not found, "what engines spell differently hides in dbt/macros/portable/"


def test_every_dispatched_macro_is_written_for_both_engines() -> None:
    texts = {name: text for name, text in tracked_texts().items() if name.startswith("dbt/macros/portable/")}
    together = "\n".join(texts.values())
    names = {part.split("'")[0] for part in together.split("adapter.dispatch('")[1:]}
    assert names
    missing = [
        f"{engine}__{name}"
        for name in sorted(names)
        for engine in ("duckdb", "spark")
        if f"macro {engine}__{name}(" not in together
    ]
    assert not missing


@pytest.mark.parametrize(
    "bad",
    [
        "see pypi" + ".org/simple",
        "pip install --index-" + "url x",
        "open /ho" + "me/anna/data",
        "as in issue " + "#12",
        "the review" + "er asked",
        "TO" + "DO: later",
    ],
)
def test_a_foreign_word_is_seen(bad: str) -> None:
    assert list(foreign_words(bad))


@pytest.mark.parametrize("good", ["a session ends after 30 minutes", "rate/home/region", "issue an invoice"])
def test_a_word_of_the_trade_passes(good: str) -> None:
    assert not list(foreign_words(good))


@pytest.mark.parametrize(
    "bad",
    [
        "duckdb==2.0.0\n",
        "duckdb>=2 --hash=sha256:aa\n",
        "duckdb==2.0.0 --hash=sha256:aa # via x\n--find-links http://x\n",
    ],
)
def test_a_loose_pin_is_seen(bad: str) -> None:
    assert list(lock_faults(bad))


def test_a_full_pin_passes() -> None:
    assert not list(
        lock_faults("# comment\nduckdb==2.0.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via x\n")
    )
