"""A shop of people with one reason each to be in an audience file or not, published once and looked at from outside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project import cli
from dagster_project.activation.reasons import REASONS
from dagster_project.publish.generations import generations
from dagster_project.remains import files_with
from tests import builders as build
from tests.pipeline.shop import Shop, environment_taken_back
from tests.pipeline.test_thresholds import assert_decisions_say_the_columns_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AS_OF = "2026-06-30"
SEGMENT = "win_back_candidates"
GRANTED = "2026-01-10"
FORMULA = "=cmd|'/C calc'!A0"

# Who: account, consents as (channel, purpose, status, day), reason not to be in the file for e-mail tools, for Google
# and for Meta; none is in it.
US = {"country": "US", "postal_code": "94035-1234", "first_name": "Mary", "last_name": "O'Neil"}
EMAIL, ADS, SMS = (
    ("email", None, "granted", GRANTED),
    ("ads", None, "granted", GRANTED),
    ("sms", None, "granted", GRANTED),
)
HAND_OVER = ("ads", "ad_user_data", "granted", GRANTED)
PERSONALIZE = ("ads", "ad_personalization", "granted", GRANTED)
PEOPLE: dict[str, tuple[dict[str, Any], list[tuple[str, str | None, str, str]], tuple[str | None, ...]]] = {
    "mary": (US | {"phone": "+1 650 555 1212"}, [EMAIL, ADS], (None, None, None)),
    "hacker": (
        {"country": "US", "first_name": FORMULA, "phone": "+447700900123"},
        [EMAIL, ADS, SMS],
        (None, None, None),
    ),
    "unheard": (US, [], ("consent_unknown",) * 3),
    "mail_only": (US, [EMAIL], (None, "consent_unknown", "consent_unknown")),
    "left": (
        US,
        [EMAIL, ("email", None, "withdrawn", "2026-06-30"), ADS, ("ads", None, "withdrawn", "2026-06-30")],
        ("consent_withdrawn",) * 3,
    ),
    "back": (US, [("email", None, "withdrawn", GRANTED), ("email", None, "granted", "2026-06-30"), ADS], (None,) * 3),
    "left_since": (
        US,
        [EMAIL, ADS, ("email", None, "withdrawn", "2026-07-01T00:00:00Z"), ("ads", None, "withdrawn", "2026-07-02")],
        ("withdrawn_since",) * 3,
    ),
    "german_half": (
        {"country": "DE"},
        [EMAIL, HAND_OVER],
        (None, "eea_without_ads_consent", "eea_without_ads_consent"),
    ),
    "german_whole": ({"country": "Germany"}, [EMAIL, HAND_OVER, PERSONALIZE], (None, None, None)),
    "german_all": ({"country": "DE"}, [EMAIL, ADS], (None, None, None)),
    "german_but": (
        {"country": "DE"},
        [EMAIL, ADS, ("ads", "ad_personalization", "withdrawn", "2026-02-01")],
        (None, "eea_without_ads_consent", "eea_without_ads_consent"),
    ),
    "american_half": ({"country": "US"}, [EMAIL, HAND_OVER], (None, None, None)),
    "of_nowhere": ({}, [EMAIL, HAND_OVER], (None, "eea_without_ads_consent", "eea_without_ads_consent")),
    "silent": (US | {"email": None, "phone": "+16505550001"}, [EMAIL, ADS], ("no_email", None, None)),
    "typo": (
        {"country": "US", "email": "typo@example"},
        [EMAIL, ADS],
        ("invalid_email", "no_identifier", "no_identifier"),
    ),
    "local": ({"country": "US", "phone": "030 1234567"}, [EMAIL, ADS, SMS], (None, None, None)),
    "blocked": (US, [EMAIL, ADS], ("suppressed",) * 3),
    "blocked_for_ads": (US, [EMAIL, ADS], (None, "suppressed", "suppressed")),
    "pardoned": (US, [EMAIL, ADS], (None, None, None)),
    "dotted": ({"country": "US", "email": "d.ot+shop@gmail.com"}, [EMAIL, ADS], ("suppressed",) * 3),
    # Google takes both for one account: whoever must not reach the one does not reach the other.
    "undotted": ({"country": "US", "email": "dot@gmail.com"}, [EMAIL, ADS], (None, "duplicate", None)),
    "forgotten": (US, [EMAIL, ADS], ("erasure_requested",) * 3),
    "complainer": (US, [EMAIL, ADS], ("consent_withdrawn", None, None)),
    # One order more than the others: worth more than the average, and written to by hand.
    "vip": (US, [EMAIL, ADS], ("in_other_segment", None, None)),
    # With fewer than 30 members a segment is for reports only.
    **{f"crowd_{number}": (US, [], ("consent_unknown",) * 3) for number in range(7)},
}
PLATFORMS = ("email", "google_ads", "meta_ads")


def address(name: str) -> str:
    """The address of somebody's account."""
    return str(PEOPLE[name][0].get("email", f"{name}@example.com"))


@pytest.fixture(scope="module")
def published_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everybody bought twice, 205 and 200 days ago."""
    with environment_taken_back():
        shop = Shop(tmp_path_factory.mktemp("audiences") / "shop", {"pii_key": "a key for tests", "settle_seconds": 0})
        landing = build.Landing()
        for name, (account, consents, _) in PEOPLE.items():
            landing.add(build.an_account(name, on="2025-12-01", **{"email": f"{name}@example.com"} | account))
            days = ("2025-12-07", "2025-12-12", *(["2025-12-13"] if name == "vip" else []))
            landing.add([build.an_order(name, on=day) for day in days])
            landing.add(
                [
                    build.a_consent(
                        name, on=day, status=status, **({"purpose": purpose} if purpose else {}) | {"channel": channel}
                    )
                    for channel, purpose, status, day in consents
                ]
            )
        landing.add(build.a_message("m1", "complained", on="2026-06-29", to="complainer"))
        landing.write(shop.settings.landing_dir)
        shop.land(
            "suppressions",
            [
                {"email": " Blocked@Example.com", "customer_id": "", "channel": "", "is_lifted": "", "changed_at": ""},
                {"customer_id": "blocked_for_ads", "channel": "ads"},
                {"customer_id": "pardoned", "changed_at": "2026-01-01"},
                {"customer_id": "pardoned", "changed_at": "2026-01-02", "is_lifted": "true"},
                {"email": "d.ot+shop@gmail.com"},
            ],
        )
        shop.land("erasure_requests", [{"customer_id": "forgotten", "requested_at": "2026-06-01"}])
        assert shop.run(as_of=AS_OF).text == "published"
        yield shop


def folder(shop: Shop) -> Path:
    """The published audience files."""
    return shop.settings.published_dir / "current" / "audiences"


def manifest(shop: Shop) -> dict[str, Any]:
    """What the manifest says of the segment, by platform."""
    about = json.loads((folder(shop) / "manifest.json").read_text())
    return {one["platform"]: one for one in about["audiences"] if one["segment"] == SEGMENT}


def rows(shop: Shop, platform: str) -> list[list[str]]:
    """The rows of a file, without its header."""
    text = (folder(shop) / platform / f"{SEGMENT}.csv").read_bytes().decode()
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def sha(text: str) -> str:
    """SHA-256 as anybody computes it."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everybody_is_written_or_counted_with_the_one_reason(published_shop: Shop, platform: str) -> None:
    about = manifest(published_shop)[platform]
    reasons = {name: person[2][PLATFORMS.index(platform)] for name, person in PEOPLE.items()}
    wanted = Counter(reason for reason in reasons.values() if reason)
    assert published_shop.published(f"select members_count from segments.sizes where segment = '{SEGMENT}'") == [
        (len(PEOPLE),)
    ]
    assert about["members_count"] == len(PEOPLE)
    assert about["excluded"] == dict(wanted)
    assert about["written_count"] == len(rows(published_shop, platform)) == len(PEOPLE) - wanted.total()
    written = {row[0] for row in rows(published_shop, platform)}
    addresses = {address(name) for name, reason in reasons.items() if reason is None and name != "silent"}
    assert written - {""} == (addresses if platform == "email" else {sha(one) for one in addresses})


def test_every_reason_has_somebody() -> None:
    assert {reason for _, _, reasons in PEOPLE.values() for reason in reasons if reason} == set(REASONS) - {
        "segment_too_small",
        "ordered_lately",
    }


def test_a_formula_is_escaped_and_a_number_beside_it_is_untouched(published_shop: Shop) -> None:
    (row,) = [row for row in rows(published_shop, "email") if row[0] == "hacker@example.com"]
    assert row[1:5] == ["+447700900123", f"'{FORMULA}", SEGMENT, "hacker"]
    (mary,) = [row for row in rows(published_shop, "email") if row[0] == "mary@example.com"]
    assert mary[1:4] == ["", "Mary", SEGMENT]
    assert manifest(published_shop)["email"]["left_empty"]["phone"]["invalid"] == 1
    assert manifest(published_shop)["email"]["left_empty"]["phone"]["no_sms_consent"] > 1


def test_google_gets_what_its_rules_say(published_shop: Shop) -> None:
    (mary,) = [row for row in rows(published_shop, "google_ads") if row[0] == sha("mary@example.com")]
    assert mary[1:] == ["", sha("+16505551212"), sha("mary"), sha("oneil"), "US", "94035-1234"]
    (hacker,) = [row for row in rows(published_shop, "google_ads") if row[0] == sha("hacker@example.com")]
    assert hacker[1:] == ["", sha("+447700900123"), "", "", "", ""]
    empty = manifest(published_shop)["google_ads"]["left_empty"]
    assert empty["phone"]["invalid"] == 1
    assert empty["email"] == {"missing": 1}
    assert empty["postal_address"]["incomplete"] == sum(row[3] == "" for row in rows(published_shop, "google_ads"))


def test_meta_gets_what_its_rules_say(published_shop: Shop) -> None:
    (mary,) = [row for row in rows(published_shop, "meta_ads") if row[0] == sha("mary@example.com")]
    assert mary[1:] == [sha("16505551212"), sha("mary"), sha("oneil"), sha("94035"), sha("us")]


def test_files_are_private_hashed_and_hold_the_only_contact_data(published_shop: Shop) -> None:
    current = (published_shop.settings.published_dir / "current").resolve()
    listed = json.loads((current / "publish.json").read_text())["files"]
    paths = [path for path in (current / "audiences").rglob("*") if path.is_file()]
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        assert listed[str(path.relative_to(current))] == hashlib.sha256(path.read_bytes()).hexdigest()
    about = json.loads((current / "audiences" / "manifest.json").read_text())
    assert (about["generation"], about["as_of_date"]) == (published_shop.generation, AS_OF)
    assert {one["file"] for one in about["audiences"]} | {"manifest.json"} == {
        str(path.relative_to(current / "audiences")) for path in paths
    }
    for one in about["audiences"]:
        assert one["sha256"] == hashlib.sha256((current / "audiences" / one["file"]).read_bytes()).hexdigest()
    values = [("email", address(name)) for name in PEOPLE] + [("phone", "+16505551212")]
    assert {path.relative_to(current).parts[0] for path in files_with(current, values)} == {"audiences"}


def test_nothing_new_is_no_generation_and_one_suppression_is_one(published_shop: Shop, tmp_path: Path) -> None:
    shop = published_shop.copy(tmp_path / "shop")
    first = shop.generation
    before = {path.name: path.read_bytes() for path in folder(shop).rglob("*.csv")}
    outcome = shop.run(as_of=AS_OF, rebuild=True)
    assert "unchanged" in outcome.text
    assert shop.generation == first
    made = shop.settings.data_dir / "audiences"
    assert {path.name: path.read_bytes() for path in made.rglob("*.csv")} == before
    shop.land("suppressions", [{"email": "mary@example.com", "changed_at": "2026-07-01"}], name="more")
    assert shop.run(as_of=AS_OF).text == "published"
    assert shop.generation != first
    for platform in PLATFORMS:
        assert not [row for row in rows(shop, platform) if row[0] in ("mary@example.com", sha("mary@example.com"))]
        counted = manifest(shop)[platform]["excluded"]["suppressed"]
        assert counted == manifest(published_shop)[platform]["excluded"]["suppressed"] + 1
    assert shop.published(f"select members_count from segments.sizes where segment = '{SEGMENT}'") == [(len(PEOPLE),)]
    # The older generation has her still; whoever is erased is in none.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["segments", "erase", "--email", "mary@example.com", "--yes"])
        assert cli._run_command() == 0  # noqa: SLF001
    assert len(generations(shop.settings)) == 1
    assert files_with(shop.folder, [("email", "mary@example.com"), ("phone", "+16505551212")]) == []
    assert manifest(shop)["google_ads"]["members_count"] == len(PEOPLE) - 1


def test_thresholds_are_moved_by_what_decided_where_no_event_landed(published_shop: Shop) -> None:
    assert assert_decisions_say_the_columns_again(published_shop)["is_newsletter_reader"] > 0
