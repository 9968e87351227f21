"""A Spark Thrift server of its own for tests, out of the pyspark package, on a port of 127.0.0.1."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAIN_CLASS = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
_START_SECONDS = 180
_STOP_SECONDS = 60


class ThriftServer:
    """One server process; its catalog, its scratch folders and its log lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self.log = folder / "server.log"
        (folder / "tmp").mkdir(parents=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
        home = spark_home()
        with self.log.open("w", encoding="utf-8") as log:
            # The scripts replace themselves, so this is the process of the server.
            self._process = subprocess.Popen(  # noqa: S603 (of this environment)
                [str(home / "bin" / "spark-submit"), *self._arguments()],
                cwd=folder,
                env={**environment, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_it_answers(self) -> None:
        """Return as soon as the port is open."""
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.5)
            else:
                return
        raise AssertionError(self.log.read_text(encoding="utf-8")[-2000:])

    def kill(self) -> None:
        """End the process as a crash would."""
        self._process.kill()
        self._process.wait(_STOP_SECONDS)

    def stop(self) -> None:
        """End the process in order, and by force where it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def _arguments(self) -> Iterator[str]:
        folder = self._folder
        # Other defaults than the pipeline's, so that it has to say itself what it relies on.
        java = f"-Duser.timezone=America/New_York -Djava.io.tmpdir={folder / 'tmp'} -Dderby.system.home={folder}"
        settings = {
            "spark.master": "local[2]",
            "spark.driver.memory": "2g",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.extraJavaOptions": java,
            "spark.sql.ansi.enabled": "false",
            "spark.sql.warehouse.dir": f"{folder}/warehouse",
            "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
            "spark.ui.enabled": "false",
        }
        hive = {
            "hive.server2.thrift.bind.host": "127.0.0.1",
            "hive.server2.thrift.port": str(self.port),
            "hive.exec.scratchdir": f"{folder}/scratch",
            "hive.exec.local.scratchdir": f"{folder}/scratch",
            "hive.server2.logging.operation.log.location": f"{folder}/operations",
        }
        yield from ("--class", _MAIN_CLASS)
        for name, value in settings.items():
            yield from ("--conf", f"{name}={value}")
        yield "spark-internal"
        for name, value in hive.items():
            yield from ("--hiveconf", f"{name}={value}")


def spark_home() -> Path:
    """The folder of the pyspark package, which is a whole Spark."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
