"""Who lives in the sample shop: names, addresses, devices, accounts. What they do is planned elsewhere."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from faker import Faker

from dagster_project.sample.personas import GUEST_THEN_REGISTERS, PERSONAS, TWO_ACCOUNTS, Range, people_per_persona
from dagster_project.sample.vocabulary import CATEGORIES, COUNTRIES, DEVICE_TYPES, MAIL_DOMAINS

if TYPE_CHECKING:
    from dagster_project.sample.window import IntArray, Window

NAMES_PER_COUNTRY = 260
CITIES_PER_COUNTRY = 40
SEASONED_DAYS = 400
EARLY_ACCOUNT_SHARE = 0.5


def draw_between(rng: np.random.Generator, bounds: Range, count: int) -> IntArray:
    """Whole numbers between two bounds, both included."""
    return rng.integers(bounds[0], bounds[1] + 1, count)


def draw_days_between(rng: np.random.Generator, bounds: Range, count: int) -> IntArray:
    """As ``draw_between``, but the first of a persona stands on one bound and the second on the other."""
    drawn = draw_between(rng, bounds, count)
    drawn[:2] = bounds[: len(drawn)]
    return drawn


def draw_people(rng: np.random.Generator, customers: int, seed: int) -> pd.DataFrame:
    """One row per person, devices included: persona, home, names, e-mail, phone, number of devices."""
    counts = people_per_persona(customers)
    personas = [persona for persona in PERSONAS for _ in range(counts[persona.name])]
    people = pd.DataFrame(
        {
            "persona": [persona.name for persona in personas],
            "kind": [persona.kind for persona in personas],
            "device_count": np.concatenate(
                [draw_between(rng, persona.devices, counts[persona.name]) for persona in PERSONAS]
            ),
            "favourite_category": rng.integers(0, len(CATEGORIES), len(personas)),
        }
    )
    people.loc[people["kind"] == "guest_unknown", "device_count"] = 0
    people = people.sample(frac=1.0, random_state=rng).reset_index(drop=True)
    people = pd.concat([people, _draw_homes(rng, len(people))], axis=1)
    return pd.concat([people, _draw_names(rng, people, seed)], axis=1)


def draw_devices(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """One row per device: owner, identifier, type. A person's devices stand together, the main one first."""
    owner = np.repeat(np.arange(len(people)), people["device_count"].to_numpy())
    order = rng.permutation(len(owner))
    types = np.array(list(DEVICE_TYPES), dtype=object)
    return pd.DataFrame(
        {
            "owner": owner,
            "anonymous_id": [f"d-{number:06d}" for number in order + 1],
            "device_type": types[rng.choice(len(types), len(owner), p=list(DEVICE_TYPES.values()))],
        }
    )


def plan_registrations(
    rng: np.random.Generator,
    people: pd.DataFrame,
    orders: pd.DataFrame,
    carts: pd.DataFrame,
    window: Window,
) -> pd.DataFrame:
    """Add ``registered_ago`` (-1: no account), ``customer_id`` and ``second_customer_id`` to the people.

    Accounts are opened with the first thing that is planned or some time before it, possibly before the window.
    """
    done = pd.concat([orders[["person", "ago"]], carts[["person", "ago"]]]).groupby("person")["ago"]
    first = done.max().reindex(people.index).fillna(0).to_numpy(np.int64)
    early = rng.random(len(people)) < EARLY_ACCOUNT_SHARE
    registered = first + np.where(early, rng.exponential(60.0, len(people)), 0.0).astype(np.int64)
    registered = np.minimum(registered, window.days + SEASONED_DAYS)
    for persona in PERSONAS:
        chosen = np.flatnonzero(people["persona"] == persona.name)
        if persona.registered is not None:
            registered[chosen] = np.minimum(draw_between(rng, persona.registered, len(chosen)), window.days - 1)
    newest = orders.groupby("person")["ago"].min().reindex(people.index).fillna(0).to_numpy(np.int64)
    late = (people["persona"] == GUEST_THEN_REGISTERS).to_numpy()
    registered = np.where(late, newest, registered)
    return _number_accounts(people.assign(registered_ago=np.where(people["kind"] == "account", registered, -1)))


def _number_accounts(people: pd.DataFrame) -> pd.DataFrame:
    accounts = people[people["registered_ago"] >= 0].sort_values("registered_ago", ascending=False, kind="stable")
    numbers = pd.Series([f"{100_000 + place}" for place in range(len(accounts))], index=accounts.index, dtype=object)
    second = people.index[people["persona"] == TWO_ACCOUNTS]
    seconds = pd.Series([f"{900_000 + place}" for place in range(len(second))], index=second, dtype=object)
    return people.assign(
        customer_id=numbers.reindex(people.index, fill_value="").astype(object),
        second_customer_id=seconds.reindex(people.index, fill_value="").astype(object),
    )


def _draw_homes(rng: np.random.Generator, count: int) -> pd.DataFrame:
    weights = [weight for weight, _, _ in COUNTRIES.values()]
    country = rng.choice(len(COUNTRIES), count, p=weights)
    names = np.array(list(COUNTRIES), dtype=object)
    regions = [region for _, _, region in COUNTRIES.values()]
    picked = rng.integers(0, 1_000_000, count)
    return pd.DataFrame(
        {
            "country": names[country],
            "region": [regions[land][pick % len(regions[land])] for land, pick in zip(country, picked, strict=True)],
            "postal_code": [f"{code:05d}" for code in rng.integers(1000, 99_999, count)],
        }
    )


def _draw_names(rng: np.random.Generator, people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Names from a pool per country; addresses and numbers that can belong to nobody (reserved domains and prefix)."""
    first_names: list[str] = []
    last_names: list[str] = []
    cities: list[str] = []
    pools = {country: _name_pool(locale, seed) for country, (_, locale, _) in COUNTRIES.items()}
    picks = rng.integers(0, NAMES_PER_COUNTRY, (len(people), 3))
    for country, (first, last, city) in zip(people["country"], picks.tolist(), strict=True):
        firsts, lasts, towns = pools[country]
        first_names.append(firsts[first])
        last_names.append(lasts[last])
        cities.append(towns[city % CITIES_PER_COUNTRY])
    emails = [
        f"{_ascii(first)}.{_ascii(last)}{number}@{MAIL_DOMAINS[number % len(MAIL_DOMAINS)]}"
        for number, (first, last) in enumerate(zip(first_names, last_names, strict=True))
    ]
    has_email = people["kind"].isin(["account", "guest", "reader"])
    return pd.DataFrame(
        {
            "first_name": first_names,
            "last_name": last_names,
            "city": cities,
            "email": np.where(has_email, emails, "").astype(object),
            "phone": [f"+999 {number:09d}" for number in 200_000_000 + rng.permutation(len(people))],
        }
    )


def _name_pool(locale: str, seed: int) -> tuple[list[str], list[str], list[str]]:
    faker = Faker(locale)
    faker.seed_instance(seed)
    firsts = [faker.first_name() for _ in range(NAMES_PER_COUNTRY)]
    lasts = [faker.last_name() for _ in range(NAMES_PER_COUNTRY)]
    return firsts, lasts, [faker.city() for _ in range(CITIES_PER_COUNTRY)]


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z]", "", folded)
