"""The truth: what each persona is meant to be, what the plan says, and what the files say, agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from dagster_project.sample.characters import CHARACTER_FLAGS
from dagster_project.sample.personas import PERSONAS, Persona, people_per_persona
from dagster_project.sample.truth import FLAGS
from dagster_project.sample.writing import write_sample
from tests.reference.reference import Reference, reference
from tests.sample.reading import read_landing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sample.conftest import Written

PROMISING = [persona for persona in PERSONAS if persona.makes]


@pytest.fixture(scope="session")
def answers(written: Written) -> Reference:
    return reference(written.landed.frames(), as_of=written.sample.last_day, pii_key="sample")


def people_in(truth: pd.DataFrame, answers: Reference) -> pd.Series:
    """The reference's id of each planted person, found by account, by first order, or by device."""
    by_order = answers.orders.set_index("order_id")["customer_id"]
    by_device: dict[str, set[str]] = {}
    for session in answers.sessions.itertuples():
        by_device.setdefault(str(session.device_key), set()).add(str(session.customer_id))
    found = []
    for person in truth.itertuples():
        if isinstance(person.customer_id, str):
            found.append(person.customer_id)
        elif isinstance(person.order_id, str):
            found.append(by_order[person.order_id])
        else:
            (nameless,) = (name for name in by_device[str(person.anonymous_id)] if name.startswith("c_"))
            found.append(nameless)
    return pd.Series(found, index=truth.index)


def compared(truth: pd.DataFrame, answers: Reference) -> pd.DataFrame:
    """Truth beside the answers (``..._found``) for the people who are listed."""
    truth = truth.assign(key=people_in(truth, answers))
    assert not truth["key"].duplicated().any()
    listed = truth[truth["is_listed"]].set_index("key")
    assert set(listed.index) == set(answers.customers.index)
    found = answers.customers.add_suffix("_found")
    return listed.join(found)


def disagreements(both: pd.DataFrame) -> list[str]:
    faults = []
    for flag in (*FLAGS, *CHARACTER_FLAGS):
        found = both[f"is_{flag}_found"].fillna(value=False)
        wrong = both[both[flag].notna() & (both[flag] != found)]
        faults += [f"{flag}: {name} {persona}" for name, persona in wrong["persona"].items()]
    for column in ("orders_count", "net_revenue_amount", "lifecycle_stage", "wishlist_motive"):
        wrong = both[both[column].fillna("none") != both[f"{column}_found"].fillna("none")]
        faults += [f"{column}: {name} {persona}" for name, persona in wrong["persona"].items()]
    return faults


def test_the_files_say_what_was_planted(written: Written, answers: Reference) -> None:
    assert disagreements(compared(written.sample.truth, answers)) == []


@pytest.mark.parametrize(("customers", "days", "seed"), [(66, 30, 0), (300, 200, 2), (300, 400, 9), (200, 1000, 5)])
def test_the_files_say_what_was_planted_in_shops_of_other_sizes(
    tmp_path: Path, customers: int, days: int, seed: int
) -> None:
    sample = write_sample(tmp_path / "landing", customers=customers, days=days, seed=seed)
    frames = read_landing(tmp_path / "landing").frames()
    found = reference(frames, as_of=sample.last_day, pii_key="sample")
    assert disagreements(compared(sample.truth, found)) == []


@pytest.mark.parametrize("persona", PROMISING, ids=lambda persona: persona.name)
def test_everybody_of_a_persona_is_what_the_persona_makes(written: Written, persona: Persona) -> None:
    people = written.sample.truth[written.sample.truth["persona"] == persona.name]
    assert len(people) > 0
    for column, meant in persona.makes.items():
        assert people[column].eq(meant).fillna(value=False).all(), column


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_planted_both_ways_and_hardly_ever_left_open(written: Written, flag: str) -> None:
    truth = written.sample.truth
    values = truth[flag][~truth["persona"].str.startswith("character")]
    fewest = 3 if flag == "needs_incentive" else 10  # who loves discounts and came twice in a month is rare
    assert (values.fillna(value=False)).sum() >= fewest
    assert (~values.fillna(value=True)).sum() >= 10
    assert values.isna().mean() < 0.02


@pytest.mark.parametrize("flag", CHARACTER_FLAGS)
def test_characters_claim_every_flag_both_ways_and_one_flag_each(written: Written, flag: str) -> None:
    truth = written.sample.truth
    characters = truth[truth["persona"].str.startswith("character")]
    assert set(characters[flag].dropna()) == {True, False}
    assert characters[[*FLAGS, *CHARACTER_FLAGS]].notna().sum(axis=1).eq(1).all()


def test_a_short_history_has_no_characters(tmp_path: Path) -> None:
    truth = write_sample(tmp_path / "landing", customers=66, days=499).truth
    assert not truth["persona"].str.startswith("character").any()


def test_every_stage_is_planted(written: Written) -> None:
    assert set(written.sample.truth["lifecycle_stage"]) == {
        "anonymous",
        "lead",
        "cold_lead",
        "new",
        "reactivated",
        "active",
        "at_risk",
        "dormant",
        "churned",
    }


@pytest.mark.parametrize(
    ("persona", "flag"),
    [("boundary_30", "recent_buyer"), ("boundary_90", "lapsed_buyer"), ("boundary_cart", "cart_abandoner")],
)
def test_boundaries_stand_on_both_sides(written: Written, persona: str, flag: str) -> None:
    people = written.sample.truth[written.sample.truth["persona"] == persona]
    assert set(people[flag]) == {True, False}


def test_every_persona_occurs_even_in_the_smallest_shop() -> None:
    counts = people_per_persona(66)
    assert min(counts.values()) >= 1
    assert counts.keys() == {persona.name for persona in PERSONAS}
    assert sum(counts[persona.name] for persona in PERSONAS if persona.kind != "device") == 66
