"""Backups while the program runs, and putting them back: nothing is lost, and the journal goes on as one."""

import asyncio
import io
import shutil
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from bot import backup, command_line, journal_key, own_journal
from bot.log_sources import Folder, Tables, save
from bot.settings import read
from storage import ids
from storage.audit import Audit
from storage.copying import copy
from storage.database import Store, sqlite_url
from storage.models import metadata
from storage.notes import Checkpoint
from storage.sealing import seal_all
from storage.upgrade import upgrade
from tests.town import Town


def _quiet(_done: int, _all: int) -> None: ...


class House:
    """A town hall with a data folder: it runs, is backed up, burns down, and is put back."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.settings = read({"DATABASE_URL": town.store.url.render_as_string(hide_password=False),
                              "DATA_DIR": str(folder / "data"), "PORT": "0"})  # fmt: skip

    async def seal(self) -> Checkpoint:
        async with self.town.store.reading() as db:
            signer = await journal_key.signer(db, self.settings)
        head = await seal_all(self.town.store, signer)
        assert head is not None
        return head

    async def lives(self, *words: str) -> Checkpoint:
        for word in words:
            await self.town.ana.says(f"/help {word}")
        return await self.seal()

    def publishes(self, head: Checkpoint) -> None:
        note = f"{head.note.text}\n" + "".join(signature.line for signature in head.note.signatures)
        own_journal.keep(self.settings.data_dir, note, self.town.store.now())

    async def backs_up(self) -> Path:
        return await backup.make(self.town.store, self.settings, self.folder / "backups", _quiet)


@pytest.fixture
async def house(town: Town, tmp_path: Path) -> House:
    shelf = tmp_path / "data" / "files" / "ab"
    shelf.mkdir(parents=True)
    (shelf / ("ab" * 32)).write_bytes(b"a photo")
    return House(town, tmp_path)


@pytest.fixture
async def sqlite_house(sqlite_town: Town, tmp_path: Path) -> House:
    return House(sqlite_town, tmp_path)


class Ruin:
    """The same place after the fire: an empty folder, and the command line."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = folder / "new data"
        given = {"DATA_DIR": str(self.data), "PORT": "0", "LC_ALL": "en"}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.chdir(folder)
        self.settings = read(given)

    async def gishe(self, *arguments: object) -> int:
        return await asyncio.to_thread(command_line.main, [str(argument) for argument in arguments])

    async def opens(self) -> Store:
        return Store(self.settings.database_url)


@pytest.fixture
def ruin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ruin:
    return Ruin(tmp_path, monkeypatch)


async def rows(store: Store) -> dict[str, list[Any]]:
    async with store.reading() as db:
        return {
            table.name: [tuple(row) for row in await db.rows(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


async def test_a_backup_put_back_is_the_same_town_with_the_same_journal(
    house: House, ruin: Ruin, capsys: pytest.CaptureFixture[str]
) -> None:
    head = await house.lives("one", "two")
    house.publishes(head)
    file = await house.backs_up()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await ruin.gishe("restore", file, "--yes") == 0
    assert "word for word" in capsys.readouterr().out
    store = await ruin.opens()
    try:
        assert await rows(store) == await rows(house.town.store)
        assert (ruin.data / "files" / "ab" / ("ab" * 32)).read_bytes() == b"a photo"
        assert [kept.size for kept in own_journal.published(ruin.data)] == [head.size]
        async with store.reading() as db:
            signer = await journal_key.signer(db, ruin.settings)  # The key came with it.
        async with store.writing() as db:
            await db.execute(text("UPDATE conversations SET step = NULL"))
            db.entries.append(b'{"at":"2026-11-27T12:00:00Z","kind":"start"}')
        fresh = await seal_all(store, signer)
        assert fresh is not None
        report = await own_journal.check_store(store, [head, fresh])
        assert report.is_well, report.findings
    finally:
        await store.close()


async def test_a_database_copied_to_another_kind_and_back_is_the_same(house: House, tmp_path: Path) -> None:
    await house.lives("one", "two")
    middle = Store(sqlite_url(tmp_path / "middle.db"))
    try:
        await upgrade(middle)
        await copy(house.town.store, middle)
        before = await rows(house.town.store)
        assert await rows(middle) == before
        if not house.town.store.is_sqlite:
            await copy(middle, house.town.store)
            assert await rows(house.town.store) == before
    finally:
        await middle.close()


async def test_a_backup_while_people_talk_is_of_one_moment(sqlite_house: House, ruin: Ruin) -> None:
    house = sqlite_house

    async def talk() -> None:
        for number in range(30):
            await house.town.citizen(f"c{number % 5}").says(f"/help {number}")
            if number % 10 == 0:
                await house.seal()

    await house.seal()
    talking = asyncio.create_task(talk())
    file = await house.backs_up()
    await talking
    assert await ruin.gishe("restore", file, "--yes") == 0
    store = await ruin.opens()
    try:
        async with store.reading() as db:
            unanswered = await db.value(
                text("SELECT count(*) FROM incoming i LEFT JOIN outgoing o ON o.answers_id = i.id WHERE o.id IS NULL")
            )
        assert unanswered == 0
    finally:
        await store.close()


async def test_an_older_backup_is_put_back_only_knowingly(
    sqlite_house: House, ruin: Ruin, capsys: pytest.CaptureFixture[str]
) -> None:
    """A seal was published after the backup: what came between would be lost, and everybody could see that."""
    house = sqlite_house
    await house.lives("one")
    file = await house.backs_up()
    later = await house.lives("two")
    ruin.data.mkdir()
    note = f"{later.note.text}\n" + "".join(signature.line for signature in later.note.signatures)
    own_journal.keep(ruin.data, note, house.town.store.now())
    assert await ruin.gishe("restore", file, "--yes") == 1
    told = capsys.readouterr()
    assert "The end was cut off" in told.out
    assert "--accept-loss" in told.err
    assert not (ruin.data / "gishe.db").exists()
    assert await ruin.gishe("restore", file, "--yes", "--accept-loss") == 0


async def test_lost_entries_come_back_from_a_public_copy(sqlite_house: House, ruin: Ruin, tmp_path: Path) -> None:
    house = sqlite_house
    await house.lives("one")
    await house.town.ana.says("/help waits")  # In the queue of the backup, sealed only later.
    file = await house.backs_up()
    later = await house.lives("two", "three")
    await save(Tables(house.town.store), tmp_path / "log")
    house.publishes(later)
    shutil.copytree(house.settings.data_dir / own_journal.FOLDER, ruin.data / own_journal.FOLDER)
    assert await ruin.gishe("restore", file, "--yes", "--log", tmp_path / "log") == 0
    store = await ruin.opens()
    try:
        async with store.reading() as db:
            signer = await journal_key.signer(db, ruin.settings)
        newest = await seal_all(store, signer)
        assert newest is not None
        report = await own_journal.check_store(store, [later, newest])
        assert report.is_well, report.findings
        [lost] = [finding.values["count"] for finding in report.findings if finding.code == "openings-erased"]
        assert lost == 4  # Two messages and their answers.
        await save(Tables(store), tmp_path / "new log")
        assert (await Audit(Folder(tmp_path / "new log"), heads=[later]).run()).is_well
    finally:
        await store.close()


async def test_a_copy_of_another_journal_is_not_taken_in(sqlite_house: House, ruin: Ruin, tmp_path: Path) -> None:
    house = sqlite_house
    await house.lives("one")
    file = await house.backs_up()
    await house.lives("two")
    await save(Tables(house.town.store), tmp_path / "log")
    [bundle] = (tmp_path / "log/tile/entries").rglob("*.p/*")
    bundle.write_bytes(bundle.read_bytes().replace(b'"heard"', b'"heart"'))
    assert await ruin.gishe("restore", file, "--yes", "--log", tmp_path / "log") == 1


async def test_what_is_replaced_is_kept_beside(sqlite_town: Town, ruin: Ruin, tmp_path: Path) -> None:
    house = House(sqlite_town, tmp_path)
    await house.lives("one")
    file = await house.backs_up()
    for _ in range(2):
        assert await ruin.gishe("restore", file, "--yes") == 0
        ids.new_id()
    assert len(list(ruin.data.glob("gishe.db.before-*"))) == 1


async def test_a_backup_with_a_changed_word_is_refused(
    sqlite_town: Town, ruin: Ruin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(sqlite_town, tmp_path)
    await house.lives("one")
    async with sqlite_town.store.writing() as db:
        await db.execute(text("UPDATE incoming SET said_at = '2020-01-01 00:00:00'"))
    file = await house.backs_up()
    assert await ruin.gishe("restore", file, "--yes", "--accept-loss") == 1
    told = capsys.readouterr()
    assert "its contents were changed in the database" in told.out
    assert "not restored" in told.err


def _tar(make: Callable[[tarfile.TarFile], None]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        make(tar)
    return out.getvalue()


def _link(tar: tarfile.TarFile) -> None:
    member = tarfile.TarInfo("keys/journal.key")
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    tar.addfile(member)


@pytest.mark.parametrize(
    "content",
    [b"", b"no tar", _tar(lambda tar: None), _tar(lambda tar: tar.addfile(tarfile.TarInfo("../evil"))),
     _tar(lambda tar: tar.addfile(tarfile.TarInfo("/etc/evil"))),
     _tar(lambda tar: tar.addfile(tarfile.TarInfo("files/x"))), _tar(_link)],
)  # fmt: skip
async def test_what_is_no_backup_is_refused(
    ruin: Ruin, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.tar"
    file.write_bytes(content)
    assert await ruin.gishe("restore", file, "--yes") == 1
    assert "is no backup, or it is damaged" in capsys.readouterr().err
    assert not (ruin.data / "gishe.db").exists()
    assert list(ruin.data.iterdir()) == []


async def test_a_backup_is_put_back_into_whichever_database_is_in_use(house: House, tmp_path: Path) -> None:
    head = await house.lives("one")
    file = await house.backs_up()
    before = await rows(house.town.store)
    await house.lives("two", "three")
    opened = backup.unpack(file, tmp_path / "opened")
    if house.town.store.is_sqlite:
        await house.town.store.close()  # As if the program were stopped: its file is exchanged.
    await backup.put_back(opened, house.settings, house.town.store.now(), _quiet)
    store = Store(house.settings.database_url)
    try:
        assert await rows(store) == before
        assert (await own_journal.check_store(store, [head])).is_well
    finally:
        await store.close()
