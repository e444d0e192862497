"""What the documents promise about the tree: import direction, settings, commands, migrations."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.__main__ import LEAN
from bot.settings import example
from storage.database import Store
from storage.models import metadata
from storage.upgrade import config, newest

ROOT = Path(__file__).parent.parent
LARGE = {
    "PIL", "alembic", "babel.messages.catalog", "fontTools", "fpdf", "holidays", "icalendar", "numpy", "openpyxl",
    "prometheus_client", "puremagic", "resvg_py", "segno",
}  # fmt: skip
OURS = {"bot", "handlers", "storage", "locales"}
MAY_IMPORT = {
    "bot": {"handlers", "storage", "locales"},
    "handlers": {"storage", "locales"},
    "storage": set(),
    "locales": set(),
}


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found & OURS


@pytest.mark.parametrize("folder", sorted(MAY_IMPORT))
def test_imports_point_one_way(folder: str) -> None:
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in (ROOT / folder).rglob("*.py")
        for name in _imports(file) - {folder} - MAY_IMPORT[folder]
    }
    assert not wrong


def test_handlers_know_no_channel_and_no_vendor() -> None:
    vendors = ("telegram", "aiohttp", "sqlalchemy")
    wrong = [
        f"{file.name}: {line}"
        for file in (ROOT / "handlers").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from ")) and line.split()[1].split(".")[0] in vendors
    ]
    assert not wrong


def test_example_of_settings_lists_every_one_with_its_default() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


async def test_migrations_make_the_tables_of_the_models(store: Store) -> None:
    async with store.reading() as db:
        differences = await db.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    assert differences == []


def test_the_newest_migration_is_known_by_its_file_name() -> None:
    assert newest() == ScriptDirectory.from_config(config()).get_current_head()


def test_no_two_tables_of_actions_share_a_name() -> None:
    """Who enters a name that another family has takes its choices away from it."""
    source = (ROOT / "handlers" / "table.py").read_text(encoding="utf-8")
    for name in ("COMMANDS", "ACTIONS", "STEPS"):
        tables = [getattr(import_module(f"handlers.{module}"), part)
                  for module, part in re.findall(rf"\*\*(\w+)\.(\w*{name})", source)]  # fmt: skip
        written = re.search(rf"^{name}: .*?^}}", source, re.MULTILINE | re.DOTALL)
        assert written is not None
        names = [
            *re.findall(r'^    "([\w-]+)":', written[0], re.MULTILINE),
            *(key for table in tables for key in table),
        ]
        assert len(names) == len(set(names)), sorted(key for key in names if names.count(key) > 1)


def test_what_is_large_is_in_memory_only_where_it_is_used() -> None:
    """A counter that exports nothing must not hold the libraries of spreadsheets and PDF: 35 MB of 120."""
    look = f"import bot.__main__, bot.app, sys; print(*({LARGE} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_what_loads_later_loads_without_docstrings_too() -> None:
    """`gishe run` has none, and a library that reads its own would fail when it is first needed."""
    look = f"import importlib; [importlib.import_module(name) for name in {sorted(LARGE)}]; print('all')"
    found = subprocess.run([sys.executable, *LEAN, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["all"]
