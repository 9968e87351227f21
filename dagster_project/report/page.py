"""The page itself: everything that it says of a build, put into ``page.html.j2``.

What is read from the build stands in the modules beside this one, how it is written in ``formats.py``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from dagster_project.report import formats
from dagster_project.report.customers import read_flags, read_rfm, read_stages
from dagster_project.report.lift import read_lift
from dagster_project.report.overview import read_build, read_people, read_sales
from dagster_project.report.quality import read_checks, read_loads, read_measures, read_refusals
from dagster_project.report.segments import read_segments
from dagster_project.report.visits import read_visits

if TYPE_CHECKING:
    import duckdb

_FILTERS = (
    formats.amount,
    formats.count,
    formats.excerpt,
    formats.long_date,
    formats.percent,
    formats.width,
    formats.words,
)


def render_page(connection: duckdb.DuckDBPyConnection) -> str:
    """One HTML page about the build behind the connection; it needs no other file and asks no other machine.

    The same build gives the same page, byte for byte.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            build=read_build(connection),
            people=read_people(connection),
            sales=read_sales(connection),
            segments=read_segments(connection),
            lift=read_lift(connection),
            rfm=read_rfm(connection),
            stages=read_stages(connection),
            flags=read_flags(connection),
            visits=read_visits(connection),
            loads=read_loads(connection),
            refusals=read_refusals(connection),
            checks=read_checks(connection),
            measures=read_measures(connection),
            counted=formats.counted,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dagster_project", "report"),
        autoescape=True,
        finalize=formats.without_addresses,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # `count` replaces Jinja's own filter of that name, which is another word for `length`.
    environment.filters |= {function.__name__: function for function in _FILTERS}
    return environment
