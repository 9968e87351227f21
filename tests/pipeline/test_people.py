"""Who is one person in a shop made by hand: said here, by the models, and by the reference that shares no code."""

from __future__ import annotations

import random
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.quality.checks import checks
from dagster_project.quality.personal_data import personal_data
from dagster_project.transform.project import build
from tests.builders import Landing
from tests.pipeline.people import AS_OF, CONTACT_IDS, EVERYBODY, LARGEST, MERGE, NOW
from tests.pipeline.shop import Shop, environment_taken_back
from tests.reference.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.builders import Row

KEY = "a key for tests"
MERGE_EVE = date(2026, 6, 9)
TABLES = [
    *("marts.dim_shop_customers", "marts.dim_customer_aliases", "marts.dim_customers", "marts.fct_identity_links"),
    *("marts.rpt_components_refused", "marts.rpt_identifiers_refused", "marts.fct_orders", "marts.fct_sessions"),
]


def _build(shop: Shop, as_of: date = AS_OF) -> None:
    variables = {"as_of_date": as_of.isoformat(), "shop_time_zone": "UTC", "shop_currency": ""}
    select = [f"+{table.partition('.')[2]}" for table in TABLES]
    result = build(shop.settings, select=select, variables=variables, on_event=lambda _event: None)
    assert result.success, result.exception


def _shop(folder: Path, rows: list[Row], **settings: Any) -> Shop:
    shop = Shop(folder, {"pii_key": KEY, **settings})
    Landing().add(rows).load(shop.settings, now=NOW)
    _build(shop)
    return shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everybody, with the merge of Pia's two accounts."""
    with environment_taken_back():
        yield _shop(tmp_path_factory.mktemp("people"), [*EVERYBODY, MERGE])


@pytest.fixture(scope="module")
def person_of(shop: Shop) -> dict[str, str]:
    return dict(shop.built("select shop_customer_id, customer_id from marts.dim_shop_customers"))


@pytest.fixture(scope="module")
def person_of_order(shop: Shop) -> dict[str, str]:
    return dict(shop.built("select order_id, customer_id from marts.fct_orders"))


def test_letters_and_blanks_of_an_address_do_not_matter_and_dots_do(
    person_of: dict[str, str], person_of_order: dict[str, str]
) -> None:
    assert person_of_order["ada-guest"] == "ada"
    assert person_of["dot"] != person_of["nodot"]


@pytest.mark.parametrize("pair", [("blank_1", "blank_2"), ("no_mail_1", "no_mail_2"), ("no_phone_1", "no_phone_2")])
def test_placeholders_join_nobody(person_of: dict[str, str], pair: tuple[str, str]) -> None:
    assert [person_of[one] for one in pair] == list(pair)


def test_orders_of_nobody_are_a_person_each(shop: Shop, person_of_order: dict[str, str]) -> None:
    orders = ["zero-1", "zero-2", "null-1", "null-2", "till-1", "till-2", "till-3"]
    nobodies = {person_of_order[order] for order in orders}
    assert len(nobodies) == len(orders)
    kinds = dict(shop.built("select customer_id, customer_kind from marts.dim_customers"))
    assert {kinds[person] for person in nobodies} == {"guest"}


def test_two_people_on_one_device_keep_their_own_sessions(shop: Shop) -> None:
    sessions = shop.built("""
        select cast(session_date as varchar), customer_id from marts.fct_sessions
        where device_type is null and session_date >= '2026-05-01' and customer_id not like 'otto%' order by all
    """)
    assert [person for _, person in sessions[:2]] == ["mia", "noa"]
    assert sessions[2][1].startswith("c_")


def test_one_person_on_three_devices_owns_what_happened_before_the_login(shop: Shop) -> None:
    query = "select count(*), count(distinct session_date) from marts.fct_sessions where customer_id = 'otto'"
    assert shop.built(query) == [(4, 4)]
    aliases = "select cast(merged_date as varchar) from marts.dim_customer_aliases where merged_into = 'otto'"
    assert shop.built(aliases) == [("2026-05-01",)]


def test_a_guest_who_opens_an_account_is_found_under_the_former_id(shop: Shop, person_of_order: dict[str, str]) -> None:
    assert person_of_order["gina-guest"] == "gina"
    aliases = "select customer_id, cast(merged_date as varchar) from marts.dim_customer_aliases where merged_into = "
    ((former, day),) = shop.built(f"{aliases} 'gina'")
    assert (former[:2], day) == ("c_", "2026-03-01")


def test_guests_with_one_phone_number_are_one_person(shop: Shop, person_of_order: dict[str, str]) -> None:
    (hal,) = {person_of_order[f"hal-{number}"] for number in (1, 2, 3)}
    links = shop.built(
        f"select identifier_type, members_count from marts.fct_identity_links where customer_id = '{hal}'"
    )
    assert links == [("phone", 3)] * 3  # two addresses, and the number that came alone


def test_two_people_with_orders_are_one_from_the_day_of_the_evidence_and_two_again_without_it(
    shop: Shop, tmp_path: Path, person_of_order: dict[str, str]
) -> None:
    spent = "select customer_id, sum(net_revenue_amount) from marts.fct_orders where order_id like 'pia%' group by all"
    assert shop.built(spent) == [("pia", 100)]
    alias = "select merged_into, cast(merged_date as varchar) from marts.dim_customer_aliases where customer_id = "
    assert shop.built(f"{alias} 'pia_old'") == [("pia", "2026-06-10")]
    with environment_taken_back():
        again = shop.copy(tmp_path / "again")
        _build(again, MERGE_EVE)
        assert sorted(again.built(spent)) == [("pia", 40), ("pia_old", 60)]
        # The edge is taken out of its file and raw is loaded anew.
        again.settings.raw_path.unlink()
        Landing().add(EVERYBODY).load(again.settings, now=NOW)
        _build(again)
        assert sorted(again.built(spent)) == [("pia", 40), ("pia_old", 60)]
        assert again.built(f"{alias} 'pia_old'") == []
        others = "select order_id, customer_id from marts.fct_orders where order_id not like 'pia%'"
        rest = {order: person for order, person in person_of_order.items() if not order.startswith("pia")}
        assert dict(again.built(others)) == rest


def test_different_verified_addresses_are_never_one_person(
    shop: Shop, person_of: dict[str, str], person_of_order: dict[str, str]
) -> None:
    assert [person_of[name] for name in ("vera", "vito")] == ["vera", "vito"]
    assert person_of["ulla"] == "ugo"
    assert person_of_order["vito-guest"] == "vito"
    assert [person_of[name] for name in ("wim", "wally", "wes")] == ["wim", "wally", "wes"]
    assert [person_of[name] for name in ("xara", "xeno")] == ["xara", "xeno"]
    refused = shop.built("select identifier_type, verdict, members_count from marts.rpt_identifiers_refused order by 1")
    assert ("phone", "disputed", 2) in refused
    assert ("email", "disputed", 1) in refused
    assert ("alias", "disputed", 2) in refused


def test_fifty_ids_are_one_person_and_one_more_is_reported(shop: Shop, person_of: dict[str, str]) -> None:
    people = [{person for name, person in person_of.items() if name.startswith(chain)} for chain in ("long", "too")]
    assert people[0] == {"long_00"}
    assert len(people[1]) == LARGEST + 1
    columns = "smallest_id, verdict, ids_count, customer_ids_count, verified_customers_count"
    assert shop.built(f"select {columns} from marts.rpt_components_refused order by all") == [
        ("too_long_00", "too_many_ids", 51, 51, 0),
        ("wally", "disputed", 3, 3, 2),
    ]


def test_the_check_names_the_size_of_what_is_kept_apart(shop: Shop) -> None:
    (check,) = (check for check in checks() if check.name == "connected_ids_are_people")
    with duckdb.connect(str(shop.settings.warehouse_path)) as connection:
        found = check.find(connection)
    assert [finding[:32] for finding in found] == [
        "51 ids connected with too_long_0",
        "3 ids connected with wally, 2 of",
    ]
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts;
            create table marts.rpt_components_refused
            (smallest_id varchar, ids_count bigint, verified_customers_count bigint, verdict varchar)
        """)
        assert check.find(connection) == []


def test_customer_ids_that_are_contact_values_are_published_keyed(
    shop: Shop, person_of: dict[str, str], person_of_order: dict[str, str]
) -> None:
    given = {row.values["customer_id"] for row in CONTACT_IDS} - {"zoe"}
    assert not given & set(person_of)
    zed = {person_of_order[f"{who}-2026-02-0{day}"] for who, day in (("Zed@Example.com", 1), ("zed@example.com", 2))}
    assert len(zed) == 1
    assert zed.pop().startswith("c_")
    with environment_taken_back(), duckdb.connect(str(shop.settings.warehouse_path)) as connection:
        connection.execute(f"attach '{shop.settings.raw_path}' as raw (read_only)")
        found = personal_data(connection)
    assert [finding for finding in found if "order_id" not in finding] == []


def test_the_reference_finds_the_same_people(shop: Shop, person_of_order: dict[str, str]) -> None:
    expected = reference(shop.raw_tables(), as_of=AS_OF, time_zone="UTC", pii_key=KEY)
    assert person_of_order == dict(zip(expected.orders["order_id"], expected.orders["customer_id"], strict=True))
    kinds = dict(shop.built("select customer_id, customer_kind from marts.dim_customers"))
    assert kinds == dict(expected.customers["customer_kind"])


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_neither_the_order_of_rows_nor_threads_matter(shop: Shop, tmp_path: Path, threads: int) -> None:
    rows = [*EVERYBODY, MERGE]
    random.Random(threads).shuffle(rows)  # noqa: S311 (a test wants the same shop every time)
    with environment_taken_back():
        shuffled = _shop(tmp_path, rows, threads=threads)
        for table in TABLES:
            query = f"select * from {table} order by all"
            assert shuffled.built(query) == shop.built(query), table
