"""Every module of the package keeps the rules of the house, and every rule can be broken."""

from __future__ import annotations

from tests.house import python_rules
from tests.house.tree import PACKAGE, modules

# Who sets variables for the tools that run inside the process, and which.
WRITES = {
    "instance.py": {"DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"},
    "fetch/shops.py": {"RUNTIME__DLTHUB_TELEMETRY", "DO_NOT_TRACK"},
    "spark.py": {
        "SPARK_LOCAL_IP",
        "DBT_SPARK_DIR",
        "DBT_SPARK_RAW_DIR",
        "DBT_SPARK_MASTER",
        "DBT_SPARK_MEMORY",
        "DBT_SPARK_DRIVER_HOST",
        "DBT_SPARK_HOST",
        "DBT_SPARK_PORT",
        "DBT_SPARK_THREADS",
        "DBT_SPARK_PARTITIONS",
        "DBT_SPARK_LOG_SETTINGS",
    },
    "transform/project.py": {
        "DO_NOT_TRACK",
        "DUCKDB_WAREHOUSE_PATH",
        "DUCKDB_RAW_PATH",
        "DUCKDB_ROLLUPS_PATH",
        "DUCKDB_WORKING_PATH",
        "DUCKDB_MEMORY_LIMIT",
        "DUCKDB_THREADS",
        "DUCKDB_TEMP_DIRECTORY",
        "DUCKDB_MAX_TEMP_DIRECTORY_SIZE",
    },
}
# Today is compared with what was published before: publish kept it, so publish reads it. What is fetched is of use only
# where a mapping reads it.
LOOKS_RIGHT = {
    ("fetch/fetching.py", "raw.sources.load_sources"),
    ("quality/assets.py", "publish.generations.current_generation"),
    ("segments/assets.py", "publish.history.history_sha256"),
    ("segments/assets.py", "publish.history.memberships_of_day_before"),
    ("segments/summaries.py", "publish.history.history_sha256"),
    ("segments/summaries.py", "publish.history.kept_days"),
    ("segments/summaries.py", "publish.history.kept_folders"),
    ("segments/summaries.py", "publish.history.last_two_days"),
    ("segments/summaries.py", "publish.history.memberships_of_day_before"),
}


def test_only_the_settings_read_the_environment() -> None:
    found = [
        f"{path}: {fault}"
        for path, text in modules().items()
        if path != "settings.py"
        for fault in python_rules.environment_reads(text)
    ]
    assert not found, "\n".join(found)


def test_variables_are_set_for_tools_only() -> None:
    for path, text in modules().items():
        written = set(python_rules.environment_writes(text))
        assert written <= WRITES.get(path, set()), f"{path} sets {written}: list it here with the tool that needs it"


def test_modules_import_to_their_left_only() -> None:
    found = [
        fault
        for path, text in modules().items()
        for fault in python_rules.imports_to_the_right(path, text)
        if not any(path == own and f"imports {name}," in fault for own, name in LOOKS_RIGHT)
    ]
    assert not found, "\n".join(found)


def test_every_look_to_the_right_still_happens() -> None:
    for path, name in LOOKS_RIGHT:
        assert name in {imported for _, imported in python_rules.imports(modules()[path])}


def test_modules_say_what_lives_in_them_and_are_short() -> None:
    found = [
        f"{path}: {fault}"
        for path, text in modules().items()
        if not path.endswith("__init__.py")
        for fault in python_rules.shape_faults(text)
    ]
    assert not found, "\n".join(found)


def test_packages_are_folders_and_nothing_else() -> None:
    filled = [path for path, text in modules().items() if path.endswith("__init__.py") and text.strip()]
    assert not filled, "__init__.py stays empty"


def test_nothing_happens_at_import() -> None:
    found = [f"{path}: {fault}" for path, text in modules().items() for fault in python_rules.work_at_import(text)]
    assert not found, "\n".join(found)


def test_every_layer_in_python_is_a_known_one() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert folders <= set(python_rules.LAYERS), "a new layer takes its place in the flow: tests/house/python_rules.py"


def test_a_read_of_the_environment_is_seen() -> None:
    assert list(python_rules.environment_reads("import os\nx = os.environ['HOME']\n"))
    assert list(python_rules.environment_reads("import os\nx = os.getenv('HOME')\n"))
    assert list(python_rules.environment_reads("from os import environ\n"))
    assert not list(python_rules.environment_reads("import os\nos.environ |= {'A': 'b'}\nos.environ['C'] = 'd'\n"))
    assert python_rules.environment_writes("import os\nos.environ |= {'A': 'b'}\nos.environ['C'] = 'd'\n") == ["A", "C"]


def test_an_import_to_the_right_is_seen() -> None:
    right = "from dagster_project.publish.tables import published_tables"
    assert list(python_rules.imports_to_the_right("raw/loading.py", right))
    assert list(python_rules.imports_to_the_right("settings.py", right))
    assert not list(python_rules.imports_to_the_right("publish/assets.py", right))
    assert not list(python_rules.imports_to_the_right("cli.py", right))


def test_a_shapeless_module_is_seen() -> None:
    assert list(python_rules.shape_faults("x = 1\n"))
    assert list(python_rules.shape_faults('"""Doc."""\n' + "x = 1\n" * 320))
    assert list(python_rules.shape_faults('"""Doc."""\ndef f():\n' + "    x = 1\n" * 60))
    assert not list(python_rules.shape_faults('"""Doc."""\ndef f():\n    return 1\n'))


def test_work_at_import_is_seen() -> None:
    assert list(python_rules.work_at_import("print(1)\n"))
    assert list(python_rules.work_at_import("for x in y:\n    f(x)\n"))
    assert not list(
        python_rules.work_at_import('"""Doc."""\nimport os\nX = f()\nif __name__ == "__main__":\n    main()\n')
    )
