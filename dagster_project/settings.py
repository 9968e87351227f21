"""The one reader of the environment: every setting, its default and its meaning.

Settings are environment variables with the prefix ``SEGMENTS_``. Nothing else in the project reads the environment.
"""

from __future__ import annotations

import os
import re
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dagster_project.errors import UsageError

STORAGE_VERSIONS = ("v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0", "v1.5.0")
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
PROJECT_DIR = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings of one process, validated once."""

    model_config = SettingsConfigDict(env_prefix="SEGMENTS_", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(Path("data"), description="folder of landing files, databases, history and published output")
    engine: Literal["duckdb", "spark", "spark_thrift"] = Field(
        "duckdb",
        description="engine that runs the models: in this process, Spark started by this process, or a Thrift server",
    )
    shop_time_zone: str = Field("UTC", description="IANA zone of the shop: decides local dates and the end of a day")
    shop_currency: str | None = Field(
        None,
        description="ISO 4217 code; orders in others need `fx_rates`; unset: the only currency that the orders carry",
    )
    as_of_date: date | None = Field(
        None,
        description="last day the run sees; unset: the last complete day with an order or event",
    )
    memory_limit: str = Field("4GB", description="DuckDB memory limit, for example 2GB")
    threads: int = Field(2, ge=1, le=256, description="DuckDB threads")
    spill_dir: Path | None = Field(
        None,
        description="folder for what does not fit into the memory limit; unset: in the data folder",
    )
    spill_limit: str | None = Field(
        None,
        description="how much may lie in that folder, for example 50GB; unset: nine tenths of the free disk",
    )
    max_bad_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="share of bad rows above which a file is refused whole; one of fewer than 20 rows is taken for 20",
    )
    settle_seconds: float = Field(
        2.0,
        ge=0,
        description="how long a file that may be half written must lie unchanged before it is loaded: CSV or JSONL "
        "without a final newline, Parquet without its footer, anything compressed",
    )
    keep_generations: int = Field(5, ge=1, description="published generations to keep")
    publish_storage_version: str = Field(
        "v1.2.0",
        description="oldest DuckDB storage version that must be able to read the published file",
    )
    pii_key: SecretStr | None = Field(
        None,
        description="secret behind the ids of people without a customer id; unset: made once, kept in the data folder",
    )
    spark_master: str | None = Field(
        None,
        description="Spark master of engine `spark`; unset: this machine with `THREADS` threads",
    )
    spark_driver_host: str = Field(
        "127.0.0.1",
        description="address of this machine as the workers of `SPARK_MASTER` reach it",
    )
    spark_partitions: int = Field(
        4,
        ge=1,
        description="parts into which Spark cuts what it shuffles; about twice the cores that it has",
    )
    spark_dir: Path | None = Field(
        None,
        description="folder of Spark's tables, the same path for this process and for Spark; unset: in the data folder",
    )
    raw_parquet_dir: Path | None = Field(
        None,
        description="folder from which Spark reads raw tables, the same path for both; unset: in the data folder",
    )
    spark_thrift_host: str = Field("127.0.0.1", description="host of the Thrift server of engine `spark_thrift`")
    spark_thrift_port: int = Field(10000, ge=1, le=65535, description="port of that server")
    lock_timeout_seconds: float = Field(10.0, ge=0, description="how long a run waits for another that is writing")
    shopify_url: str | None = Field(
        None,
        description="address of the Shopify shop that `segments fetch` asks, https://<shop>.myshopify.com",
    )
    shopify_token: SecretStr | None = Field(
        None,
        description="secret: Admin API access token of that shop, with the scopes read_orders and read_customers",
    )
    shopify_api_version: str = Field(
        "2026-10",
        pattern=r"^(\d{4}-\d{2}|unstable)$",
        description="version of Shopify's Admin API; each is served for a year",
    )
    woocommerce_url: str | None = Field(
        None,
        description="address of the WooCommerce shop that `segments fetch` asks, https://<shop>",
    )
    woocommerce_key: SecretStr | None = Field(None, description="secret: key of a REST API key of that shop, ck_...")
    woocommerce_secret: SecretStr | None = Field(None, description="secret: its secret, cs_...")
    fetch_tries: int = Field(
        8, ge=1, le=100, description="how often `segments fetch` asks a shop that fails or is busy"
    )
    fetch_longest_wait_seconds: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="longest wait between two of these tries, also where the shop asks for more",
    )

    @field_validator("data_dir", "spill_dir", "spark_dir", "raw_parquet_dir")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return (PROJECT_DIR / value).resolve() if value else None

    @field_validator("shopify_url", "woocommerce_url")
    @classmethod
    def _shop_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        address = urlsplit(value if "://" in value else f"https://{value}")
        is_local = address.hostname in LOCAL_HOSTS
        is_plain = not (address.username or address.password or address.query or address.fragment)
        if not (
            address.hostname and is_plain and (address.scheme == "https" or (is_local and address.scheme == "http"))
        ):
            message = (
                "is not the https address of a shop, without name, password or query, such as https://shop.example"
            )
            raise ValueError(message)
        return address.geturl().rstrip("/")

    @field_validator("shop_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = f"{value!r} is not an IANA time zone such as Europe/London"
            raise ValueError(message) from error
        return value

    @field_validator("shop_currency")
    @classmethod
    def _currency_code(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z]{3}", value):
            message = f"{value!r} is not a three-letter currency code such as EUR"
            raise ValueError(message)
        return value.upper() if value else None

    @field_validator("memory_limit", "spill_limit")
    @classmethod
    def _size(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B)", value, re.IGNORECASE):
            message = f"{value!r} is not a size such as 2GB"
            raise ValueError(message)
        return value

    @field_validator("publish_storage_version")
    @classmethod
    def _storage_version(cls, value: str) -> str:
        if value not in STORAGE_VERSIONS:
            message = f"{value!r} is not one of {', '.join(STORAGE_VERSIONS)}"
            raise ValueError(message)
        return value

    @property
    def java_home(self) -> str | None:
        """``JAVA_HOME``, which Java and Spark name without the prefix."""
        return os.environ.get("JAVA_HOME")

    @property
    def landing_dir(self) -> Path:
        """Input files; never edited by a run."""
        return self.data_dir / "landing"

    @property
    def raw_path(self) -> Path:
        """Durable database of everything that ever landed."""
        return self.data_dir / "raw.duckdb"

    @property
    def warehouse_path(self) -> Path:
        """Disposable build database: what is published, and little else. Publish copies it as it stands."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def working_path(self) -> Path:
        """Disposable build database of what leads to the marts; nothing of it is published."""
        return self.data_dir / "working.duckdb"

    @property
    def rollups_path(self) -> Path:
        """Rollups of web events, which outlive a build; made anew when missing."""
        return self.data_dir / "rollups.duckdb"

    @property
    def databases(self) -> tuple[Path, ...]:
        """All DuckDB files beside the published one."""
        return (self.raw_path, self.rollups_path, self.working_path, self.warehouse_path)

    @property
    def spark_tables(self) -> Path:
        """Tables that Spark builds, a folder per schema."""
        return self.spark_dir or self.data_dir / "spark"

    @property
    def raw_parquet(self) -> Path:
        """Raw tables as Spark reads them, a folder per table."""
        return self.raw_parquet_dir or self.data_dir / "raw_parquet"

    @property
    def memory_limit_bytes(self) -> int:
        """``MEMORY_LIMIT`` as a number."""
        number, unit = re.fullmatch(r"([\d.]+)\s*(\w+)", self.memory_limit).groups()  # type: ignore[union-attr]
        base = 1024 if "i" in unit.lower() else 1000
        return int(float(number) * base ** (" KMGT".index(unit[0].upper())))

    @property
    def spill_folder(self) -> Path:
        """Where engines put what does not fit into memory; empty between runs."""
        return self.spill_dir or self.data_dir / "spill"

    @property
    def published_dir(self) -> Path:
        """Generations and the ``current`` link."""
        return self.data_dir / "published"

    @property
    def history_dir(self) -> Path:
        """Parquet that outlives a rebuild."""
        return self.data_dir / "history"

    @property
    def rfm_anchors_path(self) -> Path:
        """Versioned cut points of the RFM method ``anchored``."""
        return self.history_dir / "rfm_anchors.csv"

    @property
    def fetch_dir(self) -> Path:
        """How far each shop was fetched."""
        return self.data_dir / "fetch"

    @property
    def dagster_home(self) -> Path:
        """Runs and events of Dagster."""
        return self.data_dir / "dagster"

    @property
    def lock_path(self) -> Path:
        """File whose lock makes one process the only writer."""
        return self.data_dir / ".lock"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop_time_zone)

    @cached_property
    def pseudonym_key(self) -> str:
        """Secret that keys ids of people without a customer id: ``PII_KEY``, else one made once, kept in mode 0600."""
        if self.pii_key is not None:
            return self.pii_key.get_secret_value()
        path = self.data_dir / "pii.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex())
        return path.read_text(encoding="ascii").strip()


def load_settings() -> Settings:
    """Read the environment once.

    Raises:
        UsageError: a setting is wrong; the message names the variable, the value's fault and the fix.
    """
    known = {f"SEGMENTS_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith("SEGMENTS_") and name not in known)
    if unknown:
        message = f"{unknown[0]} is not a setting. Settings are: {', '.join(sorted(known))}."
        raise UsageError(message)
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [
            f"SEGMENTS_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg'].removeprefix('Value error, ')}."
            for fault in error.errors(include_input=False)
        ]
        raise UsageError("\n".join(lines)) from error
