"""Who people are, in plain Python: what they stated last, where they live, how they visit, what they pay."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.reference.rows import OLDEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.reference.identity import PersonMap
    from tests.reference.people import Person
    from tests.reference.rows import Answer, Event, Statement
    from tests.reference.visible import Clock, Shop

STATED = ["gender", "income_band", "occupation", "marital_status", "education", "organisation_type"]
TOLD = [*STATED, "lifestyle", "age_group"]
WIDE = [*TOLD, "first_touch_channel", "main_device", "spend_power_band"]
TEXTS = [*WIDE, "home_country", "home_region", "home_country_source", "organisation_type_source", "visit_country"]
TEXTS += ["home_hemisphere", "content_variant"]
INTEGERS = ["age_years", "days_until_birthday", "spend_power_score", "known_traits_count"]
FLAGS = ["is_birthday_soon", "is_app_user", "is_organisation"]

QUESTIONS = {name: name for name in TOLD} | {"who_do_you_represent": "organisation_type"}
WORDS = {
    "gender": {"female": "female", "male": "male", "other": "other"},
    "organisation_type": {
        "individual": "individual",
        "business": "company",
        "company": "company",
        "school": "school",
        "charity": "non_profit",
    },
}
AGES = {"under_18": 0, "18-24": 18, "25-34": 25, "35-44": 35, "45-54": 45, "55-64": 55, "65+": 65}
BANDS = ["low", "lower_middle", "middle", "upper_middle", "high"]
SOUTHERN = {*("au", "nz", "za", "ar", "cl", "br"), "australia", "brazil", "rsa"}
NORTHERN = {
    *("de", "at", "fr", "nl", "es", "gb", "us", "austria", "bahrain", "belgium", "canada", "channel islands", "cyprus"),
    *("czech republic", "denmark", "eire", "finland", "france", "germany", "greece", "hong kong", "iceland", "israel"),
    *("italy", "japan", "lebanon", "lithuania", "malta", "netherlands", "norway", "poland", "portugal", "saudi arabia"),
    *("singapore", "spain", "sweden", "switzerland", "usa", "united arab emirates", "united kingdom"),
}
RECENT, SOON, OLDEST_AGE = 90, 30, 120

# Said when, where, and what of each trait.
Said = tuple[datetime, str, dict[str, Any]]


def describe(persons: dict[str, Person], shop: Shop, people: PersonMap) -> dict[str, dict[str, Any]]:
    """All columns by person; who is anonymous is unknown throughout."""
    said = _said(shop, people)
    powers = _spend_powers(persons, shop)
    accounts = _places(shop)
    return {
        key: _traits(person, said.get(key, []), accounts.get(key), powers.get(key), shop.clock)
        for key, person in persons.items()
    }


def _traits(
    person: Person, said: list[Said], account: tuple[str | None, str | None] | None, power: int | None, clock: Clock
) -> dict[str, Any]:
    if person.kind == "anonymous":
        return dict.fromkeys(WIDE, "unknown") | {
            **dict.fromkeys(["home_country", "home_region", "visit_country", *INTEGERS, *FLAGS]),
            **dict.fromkeys(["home_country_source", "organisation_type_source", "home_hemisphere"], "unknown"),
            "content_variant": "everyone",
        }
    row: dict[str, Any] = {**_told(said, clock), **_visited(person, clock)}
    row |= {"spend_power_score": power, "spend_power_band": BANDS[power - 1] if power else None}
    row |= _home(person, account, row)
    row["known_traits_count"] = sum(row[name] is not None for name in [*WIDE, "home_country"])
    row["content_variant"] = {"female": "women", "male": "men"}.get(row["gender"], "everyone")
    kind = row["organisation_type"]
    row["is_organisation"] = None if kind is None else kind != "individual"
    return row | {name: row[name] or "unknown" for name in WIDE}


def _said(shop: Shop, people: PersonMap) -> dict[str, list[Said]]:
    """Everything that each person said, the oldest first."""
    found: dict[str, list[Said]] = defaultdict(list)
    for statement in shop.statements:
        moment = statement.updated_at or statement.registered_at
        seen = OLDEST if moment is None or not shop.clock.sees(moment) else moment
        found[people.person_of["customer", statement.customer_id]].append((seen, "customers", _of_account(statement)))
    for answer in shop.answers:
        person = people.person_of.get(("customer", answer.customer_id))
        if person is not None:
            found[person].append((answer.answered_at, "survey", _of_survey(answer)))
    return {person: sorted(items, key=lambda item: item[0]) for person, items in found.items()}


def _of_account(statement: Statement) -> dict[str, Any]:
    told = {name: _words(getattr(statement, name)) for name in STATED}
    named = bool((statement.company_name or "").strip() or (statement.vat_id or "").strip())
    return {**told, "birth_date": statement.birth_date, "is_named": named or None}


def _of_survey(answer: Answer) -> dict[str, Any]:
    trait = QUESTIONS.get(answer.question)
    return {} if trait is None else {trait: _words(answer.answer)}


def _words(text: str | None) -> str | None:
    return (text or "").strip().lower() or None


def _told(said: list[Said], clock: Clock) -> dict[str, Any]:
    latest: dict[str, tuple[Any, str]] = {}
    for _, source, told in said:
        latest |= {name: (value, source) for name, value in told.items() if value is not None}
    row = {name: latest.get(name, (None, ""))[0] for name in TOLD}
    for name, meanings in WORDS.items():
        row[name] = meanings.get(row[name] or "")
    source = latest.get("organisation_type", (None, ""))[1] if row["organisation_type"] else None
    if row["organisation_type"] is None and "is_named" in latest:
        row["organisation_type"], source = "organisation", "inferred"
    age, until = _age(latest["birth_date"][0], clock.as_of) if "birth_date" in latest else (None, None)
    stated_group = row["age_group"] if row["age_group"] in AGES else None
    return row | {
        "organisation_type_source": source or "unknown",
        "age_years": age,
        "age_group": stated_group if age is None else [name for name, start in AGES.items() if start <= age][-1],
        "days_until_birthday": until if until is not None and until < SOON else None,
        "is_birthday_soon": None if until is None else until < SOON,
    }


def _age(born: date, today: date) -> tuple[int | None, int | None]:
    """Birthdays are counted one by one."""
    age = sum(_birthday(born, year) <= today for year in range(born.year + 1, today.year + 1))
    if born > today or age > OLDEST_AGE:
        return None, None
    coming = min(day for year in (today.year, today.year + 1) if (day := _birthday(born, year)) >= today)
    return age, (coming - today).days


def _birthday(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _visited(person: Person, clock: Clock) -> dict[str, Any]:
    visits = sorted((visit for visit in person.sessions if not visit.is_bot), key=lambda visit: visit.started_at)
    recent = [visit for visit in visits if clock.days_since(visit.day) < RECENT]
    devices = Counter(device for visit in recent if (device := _smallest(visit.events, "device_type")))
    main, most = devices.most_common(1)[0] if devices else (None, 0)
    places = [(_smallest(visit.events, "country"), _smallest(visit.events, "region")) for visit in recent]
    where = {place: number for number, place in enumerate(places) if place[0]}
    countries, counts = Counter(country for country, _ in places), Counter(places)
    home = max(where, key=lambda place: (countries[place[0]], counts[place], where[place]), default=(None, None))
    return {
        "first_touch_channel": _words(_smallest(visits[0].events, "channel")) if visits else None,
        "main_device": "multi" if devices and 10 * most < 6 * devices.total() else main,
        "is_app_user": "app" in devices if devices else None,
        "visit_country": home[0],
        "visit_region": home[1],
    }


def _smallest(events: Iterable[Event], name: str) -> str | None:
    return min((value for event in events if (value := getattr(event, name))), default=None)


def _home(person: Person, account: tuple[str | None, str | None] | None, row: dict[str, Any]) -> dict[str, Any]:
    shipped = [item.order for item in person.counted if item.order.shipping_country]
    country, region = account or (None, None)
    source = "customers" if country else "unknown"
    if shipped:
        last = max(shipped, key=lambda order: (order.ordered_at, order.order_id))
        country, region, source = last.shipping_country, last.shipping_region, "orders"
    elif not country and row["visit_country"]:
        country, region, source = row["visit_country"], row["visit_region"], "visits"
    word = (country or "").lower()
    side = "south" if word in SOUTHERN else "north" if word in NORTHERN else "unknown"
    return {"home_country": country, "home_region": region, "home_country_source": source, "home_hemisphere": side}


def _places(shop: Shop) -> dict[str, tuple[str | None, str | None]]:
    """Country and region of each account, from the source that wrote last and has a place."""
    found = {}
    for row in sorted(shop.statements, key=lambda row: (row.updated_at or OLDEST, row.content_md5 or "")):
        if row.country or row.region or row.postal_code:
            found[row.customer_id] = (row.country, row.region)
    return found


def _spend_powers(persons: dict[str, Person], shop: Shop) -> dict[str, int]:
    """1 to 5 by the median unit price of the lines of counted orders: by how many pay less, in fifths of all."""
    gift_cards = {product.product_id for product in shop.products if product.is_gift_card}
    medians = {}
    for key, person in persons.items():
        prices = sorted(
            (line.unit_price * shop.rate(item.order)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            for item in person.counted
            for line in shop.lines.get(item.order.order_id, [])
            if line.quantity > 0 and line.unit_price > 0 and line.product_id not in gift_cards
        )
        if prices:
            medians[key] = prices[(len(prices) - 1) // 2] + prices[len(prices) // 2]
    ordered = sorted(medians.values())
    first = {value: place for place, value in reversed(list(enumerate(ordered)))}
    return {key: 1 + 5 * first[value] // len(ordered) for key, value in medians.items()}
