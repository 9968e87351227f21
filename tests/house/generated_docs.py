"""The tables of `docs/` that the code writes itself: `python -m tests.house.generated_docs` writes them anew.

Each page is a pure function of what it documents; a test fails when a page and its source differ.
"""

from __future__ import annotations

import csv
import io
import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import typer
import yaml
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from dagster_project.activation.platforms import PLATFORMS
from dagster_project.activation.reasons import REASONS
from dagster_project.cli import app
from dagster_project.raw.contracts import Column, Contract, contracts
from dagster_project.raw.reasons import Reason
from dagster_project.segments.catalog import shipped_catalog
from dagster_project.segments.json_schema import json_schema
from dagster_project.settings import Settings
from tests.house.catalogue import STATUS_WORDS, items, shown
from tests.house.thresholds import shipped
from tests.house.tree import DOCS, MODELS, PACKAGE, flags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import click
    from pydantic.fields import FieldInfo

CATALOGUE_TABLE = PACKAGE / "quality" / "catalogue.csv"
SCHEMA = MODELS / "segments" / "segments.schema.json"
_HEAD = "<!-- Written by `python -m tests.house.generated_docs`. -->\n"
_LAYERS = {"marts": "Facts and dimensions", "profiles": "The profile that segment rules read"}


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "flags.md": flags_page(),
        "thresholds.md": thresholds_page(),
        "segments.md": segments_page(),
        "columns.md": columns_page(),
        "landing.md": landing_page(),
        "audiences.md": audiences_page(),
        "catalogue.md": catalogue_page(),
    }


def schema_text() -> str:
    """The schema of segment files, for editors."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def catalogue_table() -> str:
    """The catalogue as the file of which ``quality.catalogue`` is made."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("item_number", "title", "status", "answered_by", "default_rule", "origin", "note"))
    for item in items():
        answers = ", ".join(answer.partition(":")[2] for answer in item.answers)
        writer.writerow(
            (item.number, item.name, STATUS_WORDS[item.status], answers, item.default, item.origin, item.note)
        )
    return lines.getvalue()


def settings_page() -> str:
    """All settings, with default and meaning."""
    rows = [
        (f"`SEGMENTS_{name.upper()}`", _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _page(
        "Settings",
        "Environment variables, all optional. An unknown variable with this prefix or a wrong value ends the run with "
        "exit code 2 and a sentence that names it.",
        _table(("variable", "default", "meaning"), rows),
    )


def commands_page() -> str:
    """All commands, with options and exit codes."""
    group = typer.main.get_command(app)
    parts = [_command(name, command) for name, command in _commands(group)]
    codes = _table(
        ("exit code", "meaning"),
        [
            ("0", "done"),
            ("1", "failed; what was published stays as it was"),
            ("2", "wrong usage, setting, mapping or rule"),
            ("75", "another run is writing"),
        ],
    )
    return _page("Commands", "The command is `.venv/bin/segments`.", *parts, "## Exit codes", codes)


def flags_page() -> str:
    """All flags, with question, definition, default and origin."""
    rows = [
        (f"`is_{row['flag']}`", row["question"], row["definition"], row["default_value"], row["origin"])
        for row in flags()
    ]
    return _page(
        "Flags",
        "Each is a column of `profiles.customer_profiles` and of `marts.fct_customer_behaviors`, where the numbers "
        "that decide it stand beside it. Null means that the question does not apply, or that nothing landed that "
        "could answer it. The numbers are vars of `dbt/dbt_project.yml`. Origin: `seed` is a number named in the "
        "literature on segmentation, `peer` that of a comparable system, `choice` the project's own.",
        _table(("column", "question", "definition", "default", "origin"), rows),
    )


def thresholds_page() -> str:
    """All vars of the dbt project, with default, meaning and origin."""
    parts = []
    for section, found in groupby(shipped(), key=lambda var: var.section):
        rows = [(f"`{var.name}`", var.default, var.meaning, var.origin) for var in found]
        parts += [f"## {section}", _table(("var", "default", "meaning", "origin"), rows)]
    return _page(
        "Thresholds",
        "Every number that a rule uses is a var of `dbt/dbt_project.yml`: change it there. No number suits every shop: "
        "`marts.rpt_threshold_suggestions` says what the shop's own data suggest, and changes nothing. A window of N "
        "days is the day itself and the N-1 days before it. Origin: `seed` is a number named in the literature, `peer` "
        "that of another system, `choice` the project's own.",
        *parts,
    )


def segments_page() -> str:
    """All declared segments, with rule, purpose and expected share."""
    rows = [
        (
            f"`segments.{segment.name}`",
            segment.description,
            segment.rule_text,
            segment.purpose,
            segment.pack,
            f"{segment.expected_share.at_least:.0%} to {segment.expected_share.at_most:.0%}",
        )
        for segment in sorted(shipped_catalog(), key=lambda segment: segment.name)
    ]
    return _page(
        "Segments",
        "Each is a table of its members. They are declared in `models/segments/`; a rule reads columns of "
        "`profiles.customer_profiles` and nothing else. The expected share is of known customers; outside it a run "
        "warns. The pack says what belongs to the overview (`core`) and what comes on top.",
        _table(("table", "who", "rule", "purpose", "pack", "expected share"), rows),
    )


def landing_page() -> str:
    """All landing tables with their columns, and all reasons for which a row is refused."""
    parts = [_landing_table(contract) for contract in contracts().values()]
    reasons = _table(("reason", "meaning"), [(f"`{reason.value}`", reason.meaning) for reason in Reason])
    return _page(
        "Landing files",
        "`data/landing/<table>/<any name>.{csv,jsonl,parquet}`, each also `.gz` or `.zst`. Columns are matched by "
        "name; order and case do not matter, and a column that nobody knows is kept beside the row and reported. "
        "`orders` with `order_id`, `customer_id`, `ordered_at` and `total_amount` is enough. A file is loaded once, by "
        "its content. Times are ISO 8601 with offset, or in the shop's zone; a bare date is its local midnight; 10, 13 "
        "or 16 digits are seconds, milliseconds or microseconds since 1970, one unit per column. An id or address that "
        "is no key and says null, nan or none is read as empty, with a warning. Numbers have a decimal point and no "
        "thousands separators. Files that look otherwise are mapped: [sources.md](sources.md). A file without rows is "
        "loaded as such; where loads of its folder had a thousand rows and more, nothing is published until rows land "
        "again, or `segments run --accept no_export_is_suddenly_empty` says that it is right.",
        *parts,
        "## Why a row is refused",
        "A refused row stands in `raw.quarantine` with file, line, raw text, reason and message.",
        reasons,
    )


def audiences_page() -> str:
    """All audience files: who is in them, who is not, and what they look like."""
    declared = [
        (f"`audiences/{audience.platform}/{segment.name}.csv`", segment.description)
        for segment in sorted(shipped_catalog(), key=lambda segment: segment.name)
        for audience in segment.audiences
    ]
    platforms = [
        (f"`{name}`", platform.title, f"`{','.join(platform.header)}`", platform.rules)
        for name, platform in PLATFORMS.items()
    ]
    return _page(
        "Audience files",
        "Files for e-mail tools and ad platforms in `published/current/audiences/`, of mode 0600: the only published "
        "place with contact data. A hashed address is personal data still. Nothing is sent anywhere; you upload the "
        "files. A segment has one per platform that its declaration names:",
        "```yaml\n    audiences: [google_ads, {platform: email, purpose: newsletter}]\n```",
        "With a purpose, a consent to that purpose or to all (an empty purpose) is needed; without one, a consent to "
        "any purpose of the channel (`email`; `ads` for ad platforms). Irrelevant messages are hated: who has ordered "
        "in the last `quiet_days_after_order` days (3 unless said; 0 spares nobody), or is in one that comes first "
        "(`unless_in: [vips_to_win_back]`), is left out. `manifest.json` says of every file how many "
        "members the segment has, how many were written, why the others were not, and which cells are empty and why: "
        "members = written + excluded.",
        _table(("file", "who"), declared),
        "## What the files look like",
        "UTF-8, RFC 4180, sorted by content, byte for byte the same for the same input. What is empty or no such value "
        "is left empty, never guessed: a phone number that names no country cannot be used (see "
        "`phone_default_country_code` in `dbt/dbt_project.yml`).",
        _table(("platform", "for", "columns", "rules"), platforms),
        "Of several addresses of a person the one with the shape of an address is used, then a verified one, then the "
        "one seen last. Name and place come from the account with a name that was changed last.",
        "## Why somebody is not in a file",
        "Asked in this order; the first that applies is counted, and the last three win over everything.",
        _table(("reason", "meaning"), [(f"`{name}`", meaning) for name, meaning in REASONS.items()]),
        "The suppression list lands in `data/landing/suppressions/` ([landing.md](landing.md)): customer ids, "
        "addresses or numbers, for one channel or for all, whenever they were added. An entry speaks of the whole "
        "person, and of the address and number themselves. Who is erased ([erasure.md](erasure.md)) is in no file, "
        "and older generations go with their files.",
        "Countries are read as ISO 3166 codes or English names (`dbt/seeds/country_words.csv`); one that nobody knows "
        "counts as one that asks for consent to ads.",
    )


def catalogue_page() -> str:
    """All ways of segmenting that the literature names, and what answers each."""
    rows = [
        (
            str(item.number),
            item.name,
            STATUS_WORDS[item.status],
            ", ".join(map(shown, item.answers)),
            item.default,
            item.origin,
            item.note,
        )
        for item in items()
    ]
    counts = [f"{sum(item.status == status for item in items())} {word}" for status, word in STATUS_WORDS.items()]
    return _page(
        "Catalogue",
        "The ways of segmenting, measures and cautions that the literature on customer segmentation names, and what "
        f"answers each here: {', '.join(counts)}. Columns without a table are those of `profiles.customer_profiles`. "
        "Origin: `seed` is a number or rule named in that literature, `peer` that of a comparable system, `choice` the "
        "project's own. The page, and the published table `quality.catalogue`, are made of "
        "`docs/catalogue.yml`; a test follows every reference.",
        _table(("no.", "what", "", "answered by", "default", "origin", "note"), rows),
    )


def _landing_table(contract: Contract) -> str:
    rows = [
        (f"`{column.name}`", column.type, _duty(contract, column), column.description) for column in contract.columns
    ]
    return f"## {contract.table}\n\n{contract.description}\n\n{_table(('column', 'type', '', 'meaning'), rows)}"


def _duty(contract: Contract, column: Column) -> str:
    if column.name in contract.key:
        return "key"
    return "required" if column.required else ""


def columns_page() -> str:
    """All published tables that dbt builds, with their columns."""
    parts = []
    for layer, title in _LAYERS.items():
        parts.append(f"## {title}")
        for path in sorted((MODELS / layer).rglob("_*__models.yml")):
            parts += [_described(layer, model) for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]]
    return _page(
        "Columns",
        "Names end in their unit: `_days`, `_count`, `_amount` (shop currency), `_share` (0 to 1), `_bp` (basis "
        "points), `_score` (from 1 up), `_rank`, `_quantity` (units), `_at` (UTC instant), `_date` (local date of the "
        "shop); booleans begin with `is_` or `has_`.",
        *parts,
    )


def _described(layer: str, model: dict[str, Any]) -> str:
    rows = [(f"`{column['name']}`", column["data_type"], column["description"]) for column in model["columns"]]
    return f"### {layer}.{model['name']}\n\n{model['description']}\n\n{_table(('column', 'type', 'meaning'), rows)}"


def _commands(group: click.Command, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its whole name; a group stands for its own."""
    for name, command in sorted(getattr(group, "commands", {}).items()):
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def _command(name: str, command: click.Command) -> str:
    options = [
        (
            f"`{'`, `'.join(parameter.opts)}`",
            "" if parameter.default in (None, False) or callable(parameter.default) else f"`{parameter.default}`",
            getattr(parameter, "help", None) or "",
        )
        for parameter in command.params
        if parameter.name != "help"
    ]
    summary = " ".join((command.help or "").split())
    table = f"\n\n{_table(('option', 'default', 'meaning'), options)}" if options else ""
    return f"## segments {name}\n\n{summary}{table}"


def _default(field: FieldInfo) -> str:
    if field.default in (None, PydanticUndefined) or isinstance(field.default, SecretStr):
        return "unset"
    return f"`{field.default}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"{_HEAD}# {title}", *parts]) + "\n"


def main() -> None:
    """Write every page."""
    DOCS.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    print(f"models/segments/{SCHEMA.name}")
    CATALOGUE_TABLE.write_text(catalogue_table(), encoding="utf-8")
    print(f"dagster_project/quality/{CATALOGUE_TABLE.name}")


if __name__ == "__main__":
    main()
