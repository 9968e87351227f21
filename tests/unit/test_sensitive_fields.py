"""Sensitive data reach a segment or a published table of consenting people for their purpose, or block the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.quality.sensitive import sensitive_without_consent, write_sensitive_reads
from dagster_project.segments.catalog import load_catalog
from dagster_project.segments.sensitive import Read, sensitive_fields, sensitive_reads, wanted_purposes
from tests.segments.shops import declaration, file_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DECLARED = Read("chosen", "ethnicity", "ethnicity", "profiling", "ethnicity")


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    """Anna allowed it; Otto withdrew it, Finn allowed everything but nothing by name, Ivy allowed e-mails for it."""
    with duckdb.connect() as connection:
        for schema in ("marts", "profiles", "segments", "intermediate", "quality"):
            connection.execute(f"create schema {schema}")
        connection.execute("""
            create table intermediate.int_consents_resolved as
            from (values
                ('anna', 'profiling', 'ethnicity', true),
                ('otto', 'profiling', 'ethnicity', false),
                ('finn', 'profiling', '', true),
                ('ivy', 'email', 'ethnicity', true)
            ) as consents (customer_id, channel, purpose, is_granted)
        """)
        connection.execute("create table segments.memberships (segment varchar, customer_id varchar)")
        connection.execute("create table profiles.customer_profiles (customer_id varchar, ethnicity varchar)")
        connection.execute("create table marts.fct_customer_trait_values (customer_id varchar, trait varchar)")
        write_sensitive_reads(connection, [])
        yield connection


def test_without_sensitive_data_nothing_is_found(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("insert into segments.memberships values ('chosen', 'otto')")
    build.execute("insert into profiles.customer_profiles values ('otto', null), ('ivy', 'unknown')")
    build.execute("insert into marts.fct_customer_trait_values values ('otto', 'gender')")
    assert sensitive_without_consent(build) == []


def test_what_people_allowed_by_name_passes(build: duckdb.DuckDBPyConnection) -> None:
    write_sensitive_reads(build, [DECLARED])
    build.execute("insert into segments.memberships values ('chosen', 'anna')")
    build.execute("insert into profiles.customer_profiles values ('anna', 'a')")
    build.execute("insert into marts.fct_customer_trait_values values ('anna', 'ethnicity')")
    assert sensitive_without_consent(build) == []


@pytest.mark.parametrize(
    "read",
    [DECLARED._replace(consent=None), DECLARED._replace(declared_purpose=None), DECLARED._replace(consent="ads")],
)
def test_a_segment_that_declares_no_purpose_is_found(build: duckdb.DuckDBPyConnection, read: Read) -> None:
    write_sensitive_reads(build, [read])
    (finding,) = sensitive_without_consent(build)
    assert finding.startswith("chosen reads ethnicity without declaring")


@pytest.mark.parametrize("customer", ["otto", "finn", "ivy", "stranger"])
def test_a_member_who_did_not_allow_it_is_found(build: duckdb.DuckDBPyConnection, customer: str) -> None:
    write_sensitive_reads(build, [DECLARED])
    build.execute("insert into segments.memberships values ('chosen', 'anna'), ('chosen', ?)", [customer])
    (finding,) = sensitive_without_consent(build)
    assert finding == "chosen reads ethnicity, and 1 members did not allow profiling for ethnicity"


def test_published_values_of_people_who_did_not_allow_it_are_found(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("insert into profiles.customer_profiles values ('anna', 'a'), ('finn', 'a')")
    build.execute("insert into marts.fct_customer_trait_values values ('anna', 'pregnancy')")
    build.execute("create table segments.chosen as select 'anna' as customer_id, true as is_trade_union_member")
    assert sensitive_without_consent(build) == [
        "marts.fct_customer_trait_values.trait is told of 1 people who did not allow profiling for pregnancy",
        "profiles.customer_profiles.ethnicity is told of 1 people who did not allow profiling for ethnicity",
        "segments.chosen.is_trade_union_member carries a sensitive field: tables of segments say who, never why",
    ]


def test_a_sensitive_life_stage_needs_consent_and_others_need_none(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("create table marts.fct_customer_next_steps (customer_id varchar, purchase_rule varchar)")
    build.execute(
        "insert into marts.fct_customer_next_steps values ('otto', 'puppy'), ('otto', 'ring_to_wedding_bands')"
    )
    build.execute("alter table profiles.customer_profiles add column life_stage varchar")
    build.execute("insert into profiles.customer_profiles values ('otto', null, 'puppy owner')")
    assert sensitive_without_consent(build) == []
    build.execute("insert into marts.fct_customer_next_steps values ('otto', 'expecting')")
    build.execute("insert into profiles.customer_profiles values ('finn', null, 'expecting a child')")
    assert sensitive_without_consent(build) == [
        "marts.fct_customer_next_steps.purchase_rule is told of 1 people who did not allow profiling for life_stage",
        "profiles.customer_profiles.life_stage is told of 1 people who did not allow profiling for life_stage",
    ]
    build.execute("insert into intermediate.int_consents_resolved values ('otto', 'profiling', 'life_stage', true)")
    build.execute("insert into intermediate.int_consents_resolved values ('finn', 'profiling', 'life_stage', true)")
    assert sensitive_without_consent(build) == []


def test_a_segment_reads_what_those_behind_it_read(tmp_path: Path) -> None:
    allowed = {"consent": "profiling", "consent_purpose": "health"}
    entries = (
        declaration("inner", "{has_health_plan: {is: true}}", **allowed),
        declaration("rest", "{not: {within: inner}}"),
        declaration("many", "{orders_count: {at_least: 3}}"),
    )
    (tmp_path / "pack.yml").write_text(file_of(*entries), encoding="utf-8")
    columns = {"has_health_plan": "boolean", "orders_count": "bigint", "is_profiling_allowed": "boolean"}
    reads = sensitive_reads(load_catalog(tmp_path, columns))
    assert reads == [
        Read("inner", "has_health_plan", "health", "profiling", "health"),
        Read("rest", "has_health_plan", "health", None, None),
    ]


def test_a_name_is_sensitive_by_whole_words() -> None:
    columns = ["race", "is_trade_union_member", "maternity_stage", "brace_size", "trade_count", "embrace"]
    assert wanted_purposes(columns) == {
        "race": "race",
        "is_trade_union_member": "trade_union",
        "maternity_stage": "pregnancy",
    }
    assert {"race", "ethnicity"} <= sensitive_fields().keys()
