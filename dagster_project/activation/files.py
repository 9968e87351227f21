"""Audience files and their manifest, in a folder that only its owner may read; publish takes them from there."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from typing import TYPE_CHECKING, Any

from dagster_project.activation.platforms import PLATFORMS
from dagster_project.activation.recipients import forbidden_keys, members, reached
from dagster_project.errors import SegmentsError
from dagster_project.privacy import private_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    import duckdb

    from dagster_project.activation.platforms import Platform
    from dagster_project.activation.recipients import Reached
    from dagster_project.segments.audiences import Audience
    from dagster_project.segments.catalog import Catalog
    from dagster_project.settings import Settings

MANIFEST = "manifest.json"


def audiences_path(settings: Settings) -> Path:
    """Where the files lie until they are published."""
    return settings.data_dir / "audiences"


def write_audiences(connection: duckdb.DuckDBPyConnection, catalog: Catalog, folder: Path) -> list[dict[str, Any]]:
    """Write the files of all declared audiences anew, and say of each who is in it and who is not.

    Byte for byte the same for the same build. The folder holds no file of an audience that is declared no more.
    """
    ((as_of,),) = connection.execute("select as_of_date from marts.dim_generation").fetchall()
    shutil.rmtree(folder, ignore_errors=True)
    with private_files():
        folder.mkdir(parents=True)
        about = [
            _written(connection, segment.name, audience, folder, as_of)
            for segment in sorted(catalog, key=lambda segment: segment.name)
            for audience in sorted(segment.audiences, key=lambda audience: audience.platform)
        ]
        _write_json(folder / MANIFEST, {"as_of_date": as_of.isoformat(), "audiences": about})
    return about


def require_audiences_of(as_of: date, folder: Path) -> None:
    """Publish only files that were made of this build's day.

    Raises:
        SegmentsError: there are none, or they are of another day.
    """
    path = folder / MANIFEST
    made_of = json.loads(path.read_text(encoding="utf-8"))["as_of_date"] if path.exists() else "no day"
    if made_of != as_of.isoformat():
        raise SegmentsError(f"The audience files are of {made_of}, the build of {as_of}: materialize activation first.")


def audiences_sha256(folder: Path) -> str:
    """Hash of everything that the files and the manifest say."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def publish_audiences(source: Path, target: Path, generation: str) -> None:
    """Copy the files into a generation; the manifest says which."""
    with private_files():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
        about = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        _write_json(target / MANIFEST, {"generation": generation, **about})


def _written(
    connection: duckdb.DuckDBPyConnection, segment: str, audience: Audience, folder: Path, as_of: date
) -> dict[str, Any]:
    platform = PLATFORMS[audience.platform]
    found = reached(
        *members(connection, segment, audience, platform, as_of),
        lambda person: platform.row(person, segment),
        forbidden_keys(connection, platform),
    )
    content = _csv(platform, found.rows)
    path = folder / audience.platform / f"{segment}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return _about(segment, audience, found) | {
        "file": str(path.relative_to(folder)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _about(segment: str, audience: Audience, found: Reached) -> dict[str, Any]:
    left_empty: dict[str, dict[str, int]] = {}
    for (column, reason), count in sorted(found.left_empty.items()):
        left_empty.setdefault(column, {})[reason] = count
    return {
        "segment": segment,
        "platform": audience.platform,
        "purpose": audience.purpose,
        "members_count": found.members_count,
        "written_count": len(found.rows),
        "excluded": dict(sorted(found.excluded.items())),
        "left_empty": left_empty,
    }


def _csv(platform: Platform, rows: Sequence[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(platform.header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
