"""What ad platforms hash, against the examples that they publish, and what is refused rather than guessed."""

from __future__ import annotations

import pytest

from dagster_project.activation import normalising as as_wanted

# Published by Google (formatting of user data), Meta (customer information parameters) and Snap (the same rules).
PUBLISHED_HASHES = {
    "test@example.com": "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b",
    " John_Smith@gmail.com ": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    "Person@Example.com": "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345",
}


@pytest.mark.parametrize("address", PUBLISHED_HASHES)
def test_an_address_has_the_published_hash(address: str) -> None:
    assert as_wanted.sha256_hex(as_wanted.email(address) or "") == PUBLISHED_HASHES[address]


@pytest.mark.parametrize(
    ("number", "hashed"),
    [
        ("+16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("+448444124653", "dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383"),
    ],
)
def test_a_number_has_the_published_hash_of_meta_and_keeps_its_plus_for_google(number: str, hashed: str) -> None:
    assert as_wanted.sha256_hex(as_wanted.meta_phone(number) or "") == hashed
    assert as_wanted.phone(number) == number


def test_a_name_and_a_country_have_the_published_hashes() -> None:
    name, country = as_wanted.meta_name(" Mary "), as_wanted.meta_country("US")
    assert name
    assert country
    assert as_wanted.sha256_hex(name) == "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"
    assert as_wanted.sha256_hex(country) == "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("a.b@googlemail.com", "ab@googlemail.com"),
        ("user.name+nyc@example.com", "user.name+nyc@example.com"),
        ("a.b@notgmail.com", "a.b@notgmail.com"),
        ("+@gmail.com", "+@gmail.com"),
    ],
)
def test_only_gmail_is_folded(written: str, folded: str) -> None:
    assert as_wanted.folded_gmail(written) == folded


@pytest.mark.parametrize(
    "address",
    [
        *("", None, "  ", "anna", "anna@", "@x.de", "anna@x", "a b@x.de", "a@b@x.de", "a@x..de", ".a@x.de", "a.@x.de"),
        *("a..b@x.de", "a@-x.de", "a@x.de, b@x.de", "a@x.d3", "a@x.de\x00"),
        *("a" * 65 + "@x.de", "a@" + "x" * 64 + ".de"),
    ],
)
def test_what_is_no_address_is_left_out(address: str | None) -> None:
    assert as_wanted.email(address) is None


@pytest.mark.parametrize("address", ["a@x.de", "a.b+c@x-y.co.uk", "zoë@müller.example", "a" * 64 + "@x.de"])
def test_what_is_one_is_kept(address: str) -> None:
    assert as_wanted.email(f"\t{address.upper()} ") == address


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+447700900123", True),
        ("+1234567", True),
        ("+123456", False),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("+0123456789", False),
        ("07700900123", False),
        ("+44 7700 900123", False),
        ("+44770090012x", False),
        ("+٤٤٧٧٠٠٩٠٠١٢٣", False),
        ("", False),
        (None, False),
    ],
)
def test_a_number_without_its_country_is_never_guessed(number: str | None, kept: bool) -> None:
    assert as_wanted.phone(number) == (number if kept else None)


def test_names_keep_their_alphabet_and_one_spelling_of_their_accents() -> None:
    decomposed = "Zoe\u0308"
    assert as_wanted.meta_name(decomposed) == as_wanted.meta_name("ZOË") == "zoë"
    assert as_wanted.meta_name("O'Neil-Smith, Jr.") == "oneilsmith jr"
    assert as_wanted.google_first_name(" Anna   Lena ") == "anna lena"
    assert as_wanted.google_last_name("O'Neil") == "oneil"
    assert as_wanted.google_last_name("Müller-Łoś") == "müllerłoś"
    assert as_wanted.meta_name("正晴") == "正晴"
    assert as_wanted.meta_name(" - ") is None


def test_postal_codes_and_countries_are_written_as_each_platform_wants_them() -> None:
    assert (as_wanted.meta_zip("94035-1234"), as_wanted.google_zip(" 94035-1234")) == ("94035", "94035-1234")
    assert (as_wanted.meta_zip("SW1A 1AA"), as_wanted.google_zip("SW1A 1AA")) == ("sw1a1aa", "SW1A 1AA")
    assert (as_wanted.meta_country("gb"), as_wanted.country("gb")) == ("gb", "GB")
    assert as_wanted.country("United Kingdom") is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001
def test_a_cell_that_would_be_a_formula_begins_with_a_quote(start: str) -> None:
    assert as_wanted.harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "Anna", "a=b", "2026-01-01", "'quoted"])
def test_any_other_cell_is_as_it_was(cell: str) -> None:
    assert as_wanted.harmless(cell) == cell
