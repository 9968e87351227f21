"""Apache Spark as engine: what it needs, what dbt is told about it, and how its tables come back.

Spark writes plain Parquet, so the pipeline reads its tables as files; nothing here talks to a JVM.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import UsageError
from dagster_project.settings import PROJECT_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from dagster_project.settings import Settings

_LOG_SETTINGS = PROJECT_DIR / "dbt" / "log4j2.properties"
_SMALLEST_HEAP_MIB = 512
_CONNECT_SECONDS = 5


def require_engine(settings: Settings) -> None:
    """Refuse a run whose engine cannot start, before anything is read.

    Raises:
        UsageError: names the setting, what is missing and how to get it.
    """
    if settings.engine == "duckdb":
        return
    package = "pyspark" if settings.engine == "spark" else "pyhive"
    if find_spec(package) is None or find_spec("dbt.adapters.spark") is None:
        raise UsageError(
            f"SEGMENTS_ENGINE={settings.engine} needs the extra [spark], and {package} is not installed: "
            f"run `make install-spark`, or set SEGMENTS_ENGINE=duckdb."
        )
    if settings.engine == "spark":
        _require_java(settings)
    else:
        _require_server(settings)


def _require_java(settings: Settings) -> None:
    home = settings.java_home
    if not (Path(home, "bin", "java").is_file() if home else shutil.which("java")):
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "there is no `java` on the PATH"
        raise UsageError(
            f"SEGMENTS_ENGINE=spark needs Java 17 or later, and {where}. Install it "
            f"(Debian: apt-get install openjdk-17-jre-headless), or set SEGMENTS_ENGINE=duckdb."
        )
    if heap_mib(settings) < _SMALLEST_HEAP_MIB:
        raise UsageError(
            f"SEGMENTS_MEMORY_LIMIT is {settings.memory_limit}: Spark does not start with less than 540MB. Raise it."
        )


def _require_server(settings: Settings) -> None:
    address = (settings.spark_thrift_host, settings.spark_thrift_port)
    try:
        socket.create_connection(address, timeout=_CONNECT_SECONDS).close()
    except OSError as error:
        raise UsageError(
            f"SEGMENTS_ENGINE=spark_thrift, but no Thrift server answers at {address[0]}:{address[1]} ({error}). "
            f"Start it, or correct SEGMENTS_SPARK_THRIFT_HOST and SEGMENTS_SPARK_THRIFT_PORT."
        ) from error


def heap_mib(settings: Settings) -> int:
    """``SEGMENTS_MEMORY_LIMIT`` in the unit of a JVM heap."""
    return settings.memory_limit_bytes // 2**20


def tell_dbt(settings: Settings) -> None:
    """Set what ``profiles.yml`` and the macros read, and the address at which the driver listens."""
    os.environ |= {
        "DBT_SPARK_DIR": str(settings.spark_tables),
        "DBT_SPARK_RAW_DIR": str(settings.raw_parquet),
        "DBT_SPARK_MASTER": settings.spark_master or f"local[{settings.threads}]",
        "DBT_SPARK_MEMORY": f"{heap_mib(settings)}m",
        "DBT_SPARK_DRIVER_HOST": settings.spark_driver_host,
        "DBT_SPARK_HOST": settings.spark_thrift_host,
        "DBT_SPARK_PORT": str(settings.spark_thrift_port),
        "DBT_SPARK_THREADS": str(settings.threads),
        "DBT_SPARK_PARTITIONS": str(settings.spark_partitions),
        "DBT_SPARK_LOG_SETTINGS": str(_LOG_SETTINGS),
        "SPARK_LOCAL_IP": settings.spark_driver_host,
    }


def remove_tables(settings: Settings, tables: Iterable[str]) -> None:
    """Remove the folders of tables that are to be built, named ``schema/table``: Spark writes into new ones only.

    Tables carry personal data, and Spark gives its files the usual rights: a new folder above them lets nobody in.
    """
    settings.spark_tables.mkdir(mode=0o700, parents=True, exist_ok=True)
    for table in tables:
        for folder in [settings.spark_tables / table, *settings.spark_tables.glob(f"{table}__*")]:
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)


def built_tables(settings: Settings) -> list[str]:
    """The tables that stand as folders, as ``schema.table``."""
    folders = {path.parent for path in settings.spark_tables.glob("*/*/*.parquet")}
    return sorted(f"{folder.parent.name}.{folder.name}" for folder in folders)


def fetch_table(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    table: str,
    types: Mapping[str, str],
) -> None:
    """Copy a table that Spark built, named ``database.schema.table``, into the build, in the types of its contract."""
    home, schema, name = table.split(".")
    files = str(settings.spark_tables / schema / name / "*.parquet").replace("'", "''")
    columns = ", ".join(f"cast({column} as {sql_type}) as {column}" for column, sql_type in types.items()) or "*"
    connection.execute(f"create schema if not exists {home}.{schema}")
    connection.execute(f"create or replace table {table} as select {columns} from read_parquet('{files}')")


def keep_ansi() -> None:
    """Let a bad cast and an overflow raise, as on DuckDB: dbt-spark turns ANSI mode off, and they would give null.

    A Thrift server ignores what is said to a new session without the prefix.
    """
    from dbt.adapters.spark.connections import SparkCredentials  # noqa: PLC0415 (an extra)

    original = SparkCredentials.__post_init__

    def with_ansi(self: SparkCredentials) -> None:
        original(self)
        prefix = "set:hiveconf:" if self.method == "thrift" else ""
        self.server_side_parameters[f"{prefix}spark.sql.ansi.enabled"] = "true"

    if original.__name__ != with_ansi.__name__:
        SparkCredentials.__post_init__ = with_ansi


def quieten() -> None:
    """Keep to ourselves what pyspark prints about its own affairs: dbt repeats every error."""
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)


def stop_session() -> None:
    """End the Spark session of this process, if it has one; what the next one knows is what lies in its folders."""
    if "pyspark.sql" in sys.modules:
        from pyspark import SparkContext  # noqa: PLC0415 (an extra)
        from pyspark.sql import SparkSession  # noqa: PLC0415

        # The public question for the active session is answered per thread, and dbt works in one of its own.
        if SparkContext._active_spark_context is not None:  # noqa: SLF001
            SparkSession.builder.getOrCreate().stop()
