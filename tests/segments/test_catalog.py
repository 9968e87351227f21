"""Segment files: what is read from them, and what is said about each mistake."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.errors import UsageError
from dagster_project.segments.catalog import load_catalog, profile_columns, profile_values, shipped_catalog
from dagster_project.segments.compiler import predicate, rule_text
from dagster_project.segments.entries import RESERVED_NAMES, SQL_WORDS
from dagster_project.segments.rules import column_kind
from tests.segments.shops import COLUMNS, catalog_of, declaration, file_of, shop

if TYPE_CHECKING:
    from pathlib import Path

RULE = "{orders_count: {at_least: 3}}"


def _errors(folder: Path, text: str | bytes) -> list[str]:
    """What is said about a file, one line per fault, without the folder."""
    (folder / "pack.yml").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(UsageError) as raised:
        load_catalog(folder, COLUMNS, profile_values())
    return [line.removeprefix(f"{folder}/") for line in str(raised.value).splitlines()]


WRONG_RULES = {
    "{order_count: {at_least: 3}}": "`order_count` is not a column of customer_profiles; did you mean orders_count?",
    "{orders_count: {atleast: 3}}": "`atleast` is not a comparison for `orders_count`; did you mean at_least?",
    "{orders_count: {'>': 3}}": "`>` is not a comparison for `orders_count`; write one of is, is_not, is_one_of,"
    " is_none_of, at_least, at_most, more_than, less_than, between, is_known",
    "{orders_count: {at_least: many}}": "`at_least` of `orders_count` takes a whole number such as 3, not many",
    "{orders_count: {at_least: '3'}}": '`at_least` of `orders_count` takes a whole number, and "3" is text; unquote it',
    "{orders_count: {at_least: 2.5}}": "`at_least` of `orders_count` takes a whole number such as 3, not 2.5",
    "{orders_count: {at_least: 1e308}}": "`at_least` of `orders_count` takes a whole number such as 3, not 1e308",
    "{net_revenue_amount: {at_least: .inf}}": "`at_least` of `net_revenue_amount` takes a number such as 49.90,"
    " not .inf",
    "{net_revenue_amount: {at_least: '1,000'}}": '`at_least` of `net_revenue_amount` takes a number, and "1,000" is'
    " text; unquote it",
    "{orders_count: {at_least: }}": "`at_least` of `orders_count` has no value; whoever wants unknowns writes"
    " is_known: false",
    "{orders_count: {is: [1, 2]}}": "`is` of `orders_count` takes one value, not a list; is_one_of takes a list",
    "{orders_count: {is_one_of: 1}}": "`is_one_of` of `orders_count` takes a list in brackets, not text",
    "{orders_count: {is_one_of: []}}": "`is_one_of` of `orders_count` has an empty list; name at least one value",
    "{orders_count: {between: 1}}": "`between` of `orders_count` takes two values in brackets, not text",
    "{orders_count: {between: [1, 2, 3]}}": "`between` of `orders_count` takes two values, [low, high], not 3",
    "{orders_count: {between: [3, 1]}}": "`between` of `orders_count` has 3 before 1; write the lower one first",
    "{orders_count: {starts_with: 1}}": "`starts_with` does not fit `orders_count`, which is a whole number; write one"
    " of is, is_not, is_one_of, is_none_of, at_least, at_most, more_than, less_than, between, is_known",
    "{orders_count: {is_known: 1}}": "`is_known` of `orders_count` takes true or false, not 1",
    "{is_one_timer: {is: 1}}": "`is` of `is_one_timer` takes true or false, not 1",
    "{is_one_timer: {is: yes}}": "`is` of `is_one_timer` takes true or false, not yes",
    "{is_one_timer: {at_least: true}}": "`at_least` does not fit `is_one_timer`, which is true or false; write one of"
    " is, is_not, is_known",
    "{last_order_date: {at_least: 2025-02-30}}": "`at_least` of `last_order_date` takes a date such as 2025-12-31,"
    " not 2025-02-30",
    "{last_order_date: {at_least: 30.06.2025}}": "`at_least` of `last_order_date` takes a date such as 2025-12-31,"
    " not 30.06.2025",
    "{home_country: {at_least: DE}}": "`at_least` does not fit `home_country`, which is text; write one of is, is_not,"
    " is_one_of, is_none_of, starts_with, includes, is_known",
    "{home_country: {starts_with: ''}}": "`starts_with` of `home_country` is empty, so everybody would match; write"
    " is_known: true",
    "{sales_channels: {includes: 'app,web'}}": "`includes` of `sales_channels` takes one value, and a comma stands"
    " between those of a list; write a semicolon where a name has a comma",
    "{rfm_segment: {is: Champion}}": "`rfm_segment` never is Champion; did you mean Champions?",
    "{rfm_segment: {is: champions}}": "`rfm_segment` never is champions; did you mean Champions?",
    "{lifecycle_stage: {is_one_of: [at_risk, gone]}}": "`lifecycle_stage` never is gone; write one of anonymous, lead,"
    " cold_lead, new, reactivated, active, at_risk, dormant, churned",
    "{orders_count: 3}": "`orders_count` needs a named comparison; write `orders_count: {is: 3}`",
    "{orders_count: [3, 4]}": "`orders_count` needs a named comparison; write `orders_count: {is_one_of: [...]}`",
    "{is_one_timer: {}}": "`is_one_timer` has no comparison; write one of is, is_not, is_known",
    "{at_least: 3}": "`at_least` compares a column; name the column first, such as `orders_count: {at_least: 3}`",
    "{ALL: []}": "`ALL` is not a word of rules; did you mean all?",
    "{all: []}": "`all` is empty; list at least one comparison",
    "{any: []}": "`any` is empty; list at least one comparison",
    "{all: {orders_count: {is: 3}}}": "`all` takes a list, not a mapping; begin each item with a dash",
    "{all: [orders_count > 3]}": 'an item of `all` is text ("orders_count > 3"), and rules are not SQL; write'
    " comparisons such as `orders_count: {at_least: 3}`",
    "{all: [is_one_timer]}": "`is_one_timer` says nothing yet; write `is_one_timer: {is: true}`",
    "{all: [[]]}": "an item of `all` is a list; put it under `all` or `any`",
    "{not: [{orders_count: {is: 3}}]}": "`not` is a list; put it under `all` or `any`",
    "{all: [{orders_count: {is: 3}, is_idle: {is: true}}]}": "an item of `all` has one key, this has orders_count and"
    " is_idle; give each an item under `all` or `any`",
    "{all: [{}]}": "an item of `all` is empty; write comparisons such as `orders_count: {at_least: 3}`",
    "{[a]: 1}": "a key must be text, not a list",
    "{}": "the rule is empty; write comparisons such as `orders_count: {at_least: 3}`",
    "": "the rule is empty; write comparisons such as `orders_count: {at_least: 3}`",
    '"orders_count > 3; drop table x"': 'the rule is text ("orders_count > 3; drop table x"), and rules are not SQL;'
    " write comparisons such as `orders_count: {at_least: 3}`",
    '{"orders_count) or 1=1 --": {is: 1}}': "`orders_count) or 1=1 --` is not a column of customer_profiles; did you"
    " mean orders_count?",
    "{within: [chosen]}": "`within` names one segment, not a list; write one `within` per item",
    "{within: choosen}": "`within: choosen` is not a segment; did you mean chosen?",
    "{within: champions}": "`within: champions` is not a segment; write one of chosen",
    "{within: chosen}": "segments refer to each other in a circle (chosen within chosen); take one `within` out",
    "{orders_count: {is: 3, is: 4}}": "`is` stands twice; keep one (first on line 7)",
    "{orders_count: {[1]: 3}}": "a key must be text, not a list",
}


@pytest.mark.parametrize("rule", WRONG_RULES)
def test_a_wrong_rule_is_named_with_its_line_and_its_fix(tmp_path: Path, rule: str) -> None:
    (error,) = _errors(tmp_path, file_of(declaration("chosen", rule)))
    place, _, sentence = error.partition(": segment chosen: ")
    assert sentence == WRONG_RULES[rule]
    assert place == ("pack.yml:2" if "circle" in error else "pack.yml:7")


WRONG_FIELDS = {
    ("title", "[a, b]"): "`title` must be one text, not a list",
    ("title", "{a: b}"): "`title` must be one text, not a mapping",
    ("description", ""): "`description` is empty; say in a sentence who is in it",
    ("description", "'  '"): "`description` is empty; say in a sentence who is in it",
    ("tittle", "Chosen"): "`tittle` is not known here; did you mean title?",
    ("include_anonymous", "maybe"): "`include_anonymous` must be true or false, not maybe",
    ("expected_share", "{at_least: 0.5, at_most: 0.4}"): "`expected_share`: at_least (0.5) is above at_most (0.4); swap"
    " them",
    ("expected_share", "{at_most: 30}"): "`expected_share.at_most` must be a share between 0 and 1 (0.3 for 30 %),"
    " not 30",
    ("expected_share", "{at_most: 30%}"): "`expected_share.at_most` must be a share between 0 and 1 (0.3 for 30 %),"
    " not 30%",
    ("expected_share", "{at_most: .nan}"): "`expected_share.at_most` must be a share between 0 and 1 (0.3 for 30 %),"
    " not .nan",
    ("expected_share", "{at_most: nan}"): "`expected_share.at_most` must be a share between 0 and 1 (0.3 for 30 %),"
    " not nan",
    ("expected_share", "{atmost: 0.3}"): "`expected_share.atmost` is not known here; did you mean at_most?",
    ("expected_share", "0.3"): "`expected_share` takes at_least and at_most, not 0.3",
    ("audiences", "email"): "`audiences` must be a list such as [email, google_ads], not email",
    ("audiences", "[emial]"): "`audiences.0.platform` must be one of email, google_ads, meta_ads, not emial",
    ("audiences", "[email, [sms]]"): "`audiences.1`: write a platform such as email, or {platform: email, purpose:"
    " newsletter}",
    ("audiences", "[{platform: email, porpose: news}]"): "`audiences.0.porpose` is not known here; did you mean"
    " purpose?",
    ("audiences", "[{purpose: news}]"): "`audiences.0.platform` is missing",
    ("audiences", "[email, {platform: email, purpose: news}]"): "`audiences`: email stands twice; keep one",
    ("name", "Champions"): "`Champions` is no name for a table; take at most 48 lower-case letters, digits and _,"
    " beginning with a letter",
    ("name", "'<script>'"): "`<script>` is no name for a table; take at most 48 lower-case letters, digits and _,"
    " beginning with a letter",
    ("name", "a" * 49): f"`{'a' * 49}` is no name for a table; take at most 48 lower-case letters, digits and _,"
    " beginning with a letter",
    ("name", "sizes"): "`sizes` is the name of a table of the project; take a plural noun for people",
    ("name", "select"): "`select` is a word of SQL; take a plural noun for people",
    ("name", ""): "`name` is empty; name it like late_shoppers",
}


@pytest.mark.parametrize(("field", "value"), WRONG_FIELDS)
def test_a_wrong_field_is_named_with_its_fix(tmp_path: Path, field: str, value: str) -> None:
    fields = {"name": "chosen", "description": "A.", "owner": "crm", "purpose": "B.", "expected_share": "{}"}
    body = "\n".join(f"  {key}: {text}" for key, text in {**fields, field: value, "rule": RULE}.items())
    (error,) = _errors(tmp_path, file_of("-" + body[1:]))
    assert error.endswith(WRONG_FIELDS[field, value])
    assert error.startswith("pack.yml:")


@pytest.mark.parametrize("field", ["name", "description", "owner", "purpose", "expected_share", "rule"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    entry = declaration("chosen", RULE).replace(f"{field}: ", f"#{field}: ").replace("- #", "-\n  #")
    (error,) = _errors(tmp_path, file_of(entry))
    assert f"`{field}` is missing; " in error


WRONG_FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "pack.yml:1: the file is empty; declare `segments:` in it or delete it"),
    "comment": ("# nothing\n", "pack.yml:1: the file is empty; declare `segments:` in it or delete it"),
    "list": ("- name: a\n", "pack.yml:1: the file holds a list; begin it with `segments:`"),
    "text": ("select 1", "pack.yml:1: the file holds text; begin it with `segments:`"),
    "misspelt": ("segment:\n  - name: a\n", "pack.yml:1: `segment` is not known here; did you mean segments?"),
    "no segments": ("segments:\n", "pack.yml:1: `segments` takes a list; begin each segment with `- name:`"),
    "mapping": ("segments:\n  a: 1\n", "pack.yml:2: `segments` takes a list; begin each segment with `- name:`"),
    "scalar": (
        "segments:\n  - champions\n",
        "pack.yml:2: a segment is a mapping that begins with `- name:`, not text",
    ),
    "tab": (
        "segments:\n\t- name: a\n",
        (
            "pack.yml:2: this is not YAML that can be read: found character '\\t' that cannot start any token"
            " (indent with spaces, not tabs)"
        ),
    ),
    "unclosed": (
        "segments: [\n",
        "pack.yml:2: this is not YAML that can be read: expected the node content, but found '<stream end>'",
    ),
    "alias": (
        "a: &a [1]\nsegments: [*a, *a]\n",
        "pack.yml:2: this is not YAML that can be read: `*` repeats an earlier part; write it out",
    ),
    "tag": (
        "segments: !!python/object/apply:os.system [ls]\n",
        (
            "pack.yml:1: this is not YAML that can be read: `tag:yaml.org,2002:python/object/apply:os.system` is a tag;"
            " leave it out"
        ),
    ),
    "deep": (
        "[" * 5000,
        "pack.yml:1: this is not YAML that can be read: more than 40 levels stand inside each other; flatten the rule",
    ),
    "latin": ("segments: # caf\xe9".encode("latin-1"), "pack.yml:1: the file is not UTF-8 text; save it as UTF-8"),
    "large": ("#" * 1_000_001, "pack.yml:1: the file is larger than 1,000,000 bytes; split it"),
    "two documents": (
        "segments: []\n---\nsegments: []\n",
        "pack.yml:2: this is not YAML that can be read: but found another document",
    ),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, case: str) -> None:
    text, expected = WRONG_FILES[case]
    assert _errors(tmp_path, text) == [expected]


def test_a_control_character_is_no_yaml(tmp_path: Path) -> None:
    (error,) = _errors(tmp_path, "segments:\n  - name: \x07\n")
    assert error.startswith("pack.yml:1: this is not YAML that can be read: ")


def test_a_folder_without_segments_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no segment files; add one such as value\.yml"):
        load_catalog(tmp_path, COLUMNS)


def test_all_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(file_of(declaration("first", "{order_count: {is: 1}}")), encoding="utf-8")
    text = file_of(declaration("second", "{orders_count: {is: x}}"), declaration("third", "{is_idle: {is: 2}}"))
    errors = _errors(tmp_path, text)
    assert [error.split(": ")[:2] for error in errors] == [
        ["one.yml:7", "segment first"],
        ["pack.yml:7", "segment second"],
        ["pack.yml:13", "segment third"],
    ]


def test_one_name_is_not_declared_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(file_of(declaration("twins", RULE)), encoding="utf-8")
    (error,) = _errors(tmp_path, file_of(declaration("twins", RULE)))
    assert error == (
        f"pack.yml:2: segment twins: the name stands already at {tmp_path}/one.yml:2; rename one of the two"
    )


def test_a_circle_of_segments_is_named_once(tmp_path: Path) -> None:
    entries = [declaration(name, f"{{within: {other}}}") for name, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    (error,) = _errors(tmp_path, file_of(*entries))
    assert "segments refer to each other in a circle (" in error
    assert error.count(" within ") == 3


def test_a_faulty_segment_can_still_be_referred_to(tmp_path: Path) -> None:
    entries = [declaration("one", "{orders_count: {is: x}}"), declaration("two", "{within: one}")]
    (error,) = _errors(tmp_path, file_of(*entries))
    assert "takes a whole number" in error


def test_segments_stand_after_those_they_refer_to_and_else_as_declared(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path,
        declaration("d", "{all: [{within: c}, {within: b}]}"),
        declaration("a", RULE),
        declaration("b", RULE),
        declaration("c", "{not: {within: b}}"),
    )
    assert catalog.names == ("b", "c", "d", "a")
    assert catalog["d"].within == ("c", "b")
    assert catalog["a"].within == ()


def test_fields_are_read_as_written(tmp_path: Path) -> None:
    fields = {"title": "No", "group": "value", "description": "Two\n    lines.", "expected_share": "{at_most: 0.25}"}
    segment = catalog_of(tmp_path, declaration("late_shoppers", RULE, **fields))["late_shoppers"]
    assert (segment.title, segment.group, segment.description) == ("No", "value", "Two lines.")
    assert (segment.expected_share.at_least, segment.expected_share.at_most) == (0.0, 0.25)
    assert segment.include_anonymous is False
    assert segment.audiences == ()


def test_an_audience_is_a_platform_with_or_without_a_purpose(tmp_path: Path) -> None:
    declared = "[google_ads, {platform: email, purpose: Newsletter}]"
    segment = catalog_of(tmp_path, declaration("late_shoppers", RULE, audiences=declared))["late_shoppers"]
    assert [(one.platform, one.purpose) for one in segment.audiences] == [("google_ads", None), ("email", "newsletter")]
    assert segment.rule_version == catalog_of(tmp_path, declaration("other", RULE))["other"].rule_version


def test_a_title_is_made_of_the_name_where_none_is_given(tmp_path: Path) -> None:
    assert catalog_of(tmp_path, declaration("late_shoppers", RULE))["late_shoppers"].title == "Late shoppers"


def test_words_of_sql_are_those_of_the_engine() -> None:
    query = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    assert {word for (word,) in duckdb.connect().execute(query).fetchall()} == SQL_WORDS


RULE_TEXTS = {
    "{all: [{rfm_segment: {is: Champions}}, {orders_count: {at_least: 3}}]}": "rfm_segment is Champions and"
    " orders_count at least 3",
    "{any: [{is_idle: {is: true}}, {all: [{orders_count: {is: 1}}, {home_country: {is_not: GB}}]}]}": "is_idle is true"
    " or (orders_count is 1 and home_country is not GB)",
    "{not: {any: [{orders_count: {between: [1, 2]}}, {is_idle: {is_known: false}}]}}": "not (orders_count between 1 and"
    " 2 or is_idle is unknown)",
    "{home_country: {is_one_of: [GB, 'A, or B']}}": 'home_country is one of GB, "A, or B"',
    "{net_revenue_amount: {more_than: 99.50}}": "net_revenue_amount more than 99.50",
    "{last_order_date: {less_than: 2025-01-01}}": "last_order_date less than 2025-01-01",
    "{orders_count: {is_known: true}}": "orders_count is known",
    "{rfm_segment: {is: Can't Lose Them}}": "rfm_segment is Can't Lose Them",
}


@pytest.mark.parametrize("rule", RULE_TEXTS)
def test_a_rule_reads_as_a_sentence(tmp_path: Path, rule: str) -> None:
    assert catalog_of(tmp_path, declaration("chosen", rule))["chosen"].rule_text == RULE_TEXTS[rule]


def test_a_rule_says_that_anonymous_people_count(tmp_path: Path) -> None:
    segment = catalog_of(tmp_path, declaration("chosen", RULE, include_anonymous="true"))["chosen"]
    assert segment.rule_text == "orders_count at least 3, anonymous people included"


SAME = [
    ({"title": "Other"}, "{all: [{orders_count: {is: 3}}, {is_idle: {is: true}}]}"),
    ({"description": "Other.", "owner": "b", "purpose": "c", "group": "d", "expected_share": "{at_most: 0.1}"}, None),
    ({}, "{all: [{is_idle: {is: true}}, {orders_count: {is: 3}}]}"),
    ({"include_anonymous": "false"}, None),
]
OTHER = [
    ({}, "{all: [{orders_count: {is: 4}}, {is_idle: {is: true}}]}"),
    ({}, "{any: [{orders_count: {is: 3}}, {is_idle: {is: true}}]}"),
    ({}, "{all: [{orders_count: {is_not: 3}}, {is_idle: {is: true}}]}"),
    ({}, "{all: [{placed_orders_count: {is: 3}}, {is_idle: {is: true}}]}"),
    ({}, "{not: {all: [{orders_count: {is: 3}}, {is_idle: {is: true}}]}}"),
    ({"include_anonymous": "true"}, None),
]
BASE = "{all: [{orders_count: {is: 3}}, {is_idle: {is: true}}]}"


def _version(folder: Path, rule: str | None, fields: dict[str, str]) -> str:
    return catalog_of(folder, declaration("chosen", rule or BASE, **fields))["chosen"].rule_version


@pytest.mark.parametrize(("fields", "rule"), SAME)
def test_the_version_stays_while_the_rule_does(tmp_path: Path, fields: dict[str, str], rule: str | None) -> None:
    assert _version(tmp_path, rule, fields) == _version(tmp_path, BASE, {})


@pytest.mark.parametrize(("fields", "rule"), OTHER)
def test_the_version_changes_with_the_rule(tmp_path: Path, fields: dict[str, str], rule: str | None) -> None:
    assert _version(tmp_path, rule, fields) != _version(tmp_path, BASE, {})


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("{home_country: {is_one_of: [GB, NO]}}", "{home_country: {is_one_of: [NO, GB, NO]}}", True),
        ("{orders_count: {between: [1, 2]}}", "{orders_count: {between: [1, 3]}}", False),
        ("{net_revenue_amount: {is: 50}}", "{net_revenue_amount: {is: 50.00}}", True),
        ("{home_region: {is: 1}}", "{home_region: {is: '01'}}", False),
        ("{all: [{is_idle: {is: true}}]}", "{is_idle: {is: true}}", True),
        ("{is_idle: {is: true}}", "{is_idle: {is: false}}", False),
    ],
)
def test_the_version_tells_meanings_apart_and_not_spellings(
    tmp_path: Path, one: str, other: str, is_same: bool
) -> None:
    assert (_version(tmp_path, one, {}) == _version(tmp_path, other, {})) is is_same


def test_a_version_is_twelve_hexadecimal_digits(tmp_path: Path) -> None:
    version = _version(tmp_path, BASE, {})
    assert len(version) == 12
    assert int(version, 16) > 0


def test_an_edit_of_a_segment_leaves_the_version_of_those_within_it(tmp_path: Path) -> None:
    inner = declaration("inner", "{within: outer}")
    before = catalog_of(tmp_path, declaration("outer", "{orders_count: {is: 1}}"), inner)
    after = catalog_of(tmp_path, declaration("outer", "{orders_count: {is: 2}}"), inner)
    assert before["inner"].rule_version == after["inner"].rule_version
    assert before["outer"].rule_version != after["outer"].rule_version


def test_the_shipped_segments_load_against_the_real_profile() -> None:
    catalog = shipped_catalog()
    assert {"champions", "one_timers", "cart_abandoners", "curious_browsers", "vip_customers_at_risk"} <= set(
        catalog.names
    )
    assert not RESERVED_NAMES & set(catalog.names)
    assert len({segment.title for segment in catalog}) == len(catalog)
    assert len({segment.rule_version for segment in catalog}) == len(catalog)


def test_every_shipped_predicate_binds_on_the_real_columns() -> None:
    connection = shop()
    connection.execute("create schema segments")
    for segment in shipped_catalog():
        connection.execute(f"create table segments.{segment.name} (customer_id varchar, entered_date date)")
    for segment in shipped_catalog():
        query = f"select count(*) from profiles.customer_profiles where {segment.predicate}"
        assert connection.execute(query).fetchall() == [(0,)]


def test_only_segments_of_visitors_take_in_the_anonymous() -> None:
    assert [segment.name for segment in shipped_catalog() if segment.include_anonymous] == [
        *("curious_browsers", "indecisive_shoppers", "returning_visitors"),
    ]


def test_rules_of_a_segment_are_what_its_properties_say(tmp_path: Path) -> None:
    segment = catalog_of(tmp_path, declaration("chosen", BASE))["chosen"]
    anonymous_too = dataclasses.replace(segment, include_anonymous=True)
    assert segment.predicate == predicate(segment.rule, include_anonymous=False)
    assert anonymous_too.predicate == predicate(segment.rule, include_anonymous=True)
    assert anonymous_too.rule_text == rule_text(segment.rule, include_anonymous=True)


def test_every_column_of_the_profile_can_be_compared() -> None:
    assert [name for name, data_type in profile_columns().items() if column_kind(data_type) == "other"] == []


@pytest.mark.parametrize("text", ["", "models: []", "models: [{name: customer_profiles}]", "[", "models: 3"])
def test_a_profile_without_columns_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "models.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="does not say which columns customer_profiles has"):
        profile_columns(path)


def test_a_column_of_another_type_is_only_known_or_unknown(tmp_path: Path) -> None:
    (tmp_path / "pack.yml").write_text(file_of(declaration("seen", "{seen_at: {at_least: 1}}")), encoding="utf-8")
    with pytest.raises(UsageError, match="which is of a type that rules cannot compare; write one of is_known"):
        load_catalog(tmp_path, {"seen_at": "timestamptz"})
    (tmp_path / "pack.yml").write_text(file_of(declaration("seen", "{seen_at: {is_known: true}}")), encoding="utf-8")
    assert load_catalog(tmp_path, {"seen_at": "timestamptz"})["seen"].rule_text == "seen_at is known"
