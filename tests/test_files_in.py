"""Files on their way in: fetched in the background, looked at, kept private, shown without what the camera wrote."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from bot import images
from bot.channels.telegram_files import TelegramFiles
from bot.fetching import Fetching, NotNow, Unavailable, Uploaded
from handlers import files as words
from handlers.talk import Links, Talk
from handlers.words import File, Heard, Media
from storage import files, media, people
from storage.database import Store
from storage.handbook import Handbook
from storage.messages import Letter
from storage.shelf import Shelf, Stored, TooLarge, WrongKind
from tests.bot_api import BotApi
from tests.desk import Desk
from tests.test_web_uploads import PNG
from tests.town import TRANSLATORS

DEGREES = ((42.0, 49.0, 8.0), (25.0, 14.0, 0.0))


def photo(size: tuple[int, int] = (640, 480), kind: str = "JPEG", orientation: int = 6) -> bytes:
    """A picture as a phone takes it: on its side, red on the left, with the place in its EXIF."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Telephone of Ana"
    exif.get_ifd(0x8825).update({1: "N", 2: DEGREES[0], 3: "E", 4: DEGREES[1]})
    out = BytesIO()
    image.save(out, kind, exif=exif, comment=b"home of Ana") if kind == "JPEG" else image.save(out, kind, exif=exif)
    return out.getvalue()


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


# --- Pictures ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright(tmp_path: Path, kind: str) -> None:
    (tmp_path / "photo").write_bytes(photo((3000, 2000), kind))
    assert b"Telephone of Ana" in (tmp_path / "photo").read_bytes()
    made = images.make_copies(tmp_path / "photo")
    assert (made.width, made.height) == (1365, 2048)  # Turned, and as large as is shown.
    for content, longest in ((made.shown, 2048), (made.thumb, 320)):
        assert b"Ana" not in content
        image = Image.open(BytesIO(content))
        assert (image.format, max(image.size)) == ("JPEG", longest)
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)
        red, _green, blue = image.getpixel((image.width // 2, 5))
        assert red > 200 > 60 > blue  # The left of the picture is its top now.


def test_what_is_clear_becomes_white(tmp_path: Path) -> None:
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    made = images.make_copies(tmp_path / "clear.png")
    assert Image.open(BytesIO(made.shown)).getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_that_would_fill_the_memory_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    with pytest.raises(images.Bomb):
        images.make_copies(tmp_path / "bomb.png")


@pytest.mark.parametrize("content", [PNG, photo()[:2000], b"GIF89a"])
def test_what_only_begins_like_a_picture_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(images.Unreadable):
        images.make_copies(tmp_path / "broken")


# --- Fetching ---


class Paper:
    """A channel that gives what the test puts into it."""

    def __init__(self, **given: bytes | Exception) -> None:
        self.given = given

    async def fetch(self, ref: str, name: str, shelf: Shelf) -> Stored:
        given = self.given[ref]
        if isinstance(given, Exception):
            raise given

        async def chunks() -> Any:
            yield given

        return await shelf.put(chunks(), name)


class Yard:
    """A store whose clock the test sets, and somebody who sent files."""

    def __init__(self, store: Store, **given: bytes | Exception) -> None:
        self.store, self.paper = store, Paper(**given)
        self.at = datetime(2026, 11, 24, 10, tzinfo=UTC)
        self.told: list[tuple[str, str, str | None]] = []
        store.now = lambda: self.at

        async def told(_db: Any, to: people.Conversation, row: Any) -> list[Letter]:
            self.told.append((to.external, row.state, row.reason))
            return []

        self.fetching = Fetching(store, {"paper": self.paper}, told)

    async def wants(self, *refs: str, name: str = "") -> None:
        async with self.store.writing() as db:
            known = await people.meet(db, "paper", ["ana"])
            ana = known.get("ana") or people.welcome(db, "paper", "ana", "bg")
            for ref in refs:
                media.want(db, ana.id, "paper", ref=ref, kind="photo", about="draft:7", name=name)

    async def rows(self) -> Any:
        async with self.store.reading() as db:
            return await media.about(db, "draft:7")


async def test_a_photo_is_kept_as_it_came_and_shown_without_its_secrets(store: Store) -> None:
    original = photo()
    yard = Yard(store, a=original, b=b"%PDF-1.7\n")
    await yard.wants("a", "b")
    await yard.fetching.fetch()
    row, paper = await yard.rows()
    assert (row.state, row.mime, row.size, row.width, row.height) == ("kept", "image/jpeg", len(original), 480, 640)
    assert row.digest == hashlib.sha256(original).hexdigest()
    assert await store.shelf.read(row.digest) == original
    for digest in (row.shown_digest, row.thumb_digest):
        shown = await store.shelf.read(digest)
        assert shown is not None
        assert b"Ana" not in shown
    assert (paper.state, paper.mime, paper.shown_digest) == ("kept", "application/pdf", None)
    assert yard.told == [("ana", "kept", None)] * 2


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        (TooLarge(), "refused", "large"),
        (WrongKind(), "refused", "kind"),
        (b"MZ\x90\0" + b"\0" * 60, "refused", "kind"),
        (bomb(), "refused", "pixels"),
        (Unavailable("wrong file_id"), "lost", "wrong file_id"),
    ],
)
async def test_what_cannot_be_taken_is_told(store: Store, given: Any, state: str, reason: str) -> None:
    yard = Yard(store, a=given)
    await yard.wants("a", name="photo.png")
    await yard.fetching.fetch()
    assert yard.told == [("ana", state, reason)]
    await yard.fetching.fetch()
    assert len(yard.told) == 1


async def test_a_channel_out_of_reach_is_asked_again_and_given_up_in_the_end(store: Store) -> None:
    yard = Yard(store, a=NotNow("502"), b=NotNow("502"))
    await yard.wants("a", "b")
    await yard.fetching.fetch()
    assert [row.state for row in await yard.rows()] == ["wanted", "wanted"]
    yard.at += timedelta(seconds=3)
    yard.paper.given["a"] = PNG
    await yard.fetching.fetch()
    assert [row.state for row in await yard.rows()] == ["kept", "wanted"]
    yard.at += timedelta(days=3)
    await yard.fetching.fetch()
    assert yard.told[-1] == ("ana", "lost", "NotNow")


async def test_what_a_crash_interrupted_is_fetched_again(store: Store) -> None:
    yard = Yard(store, a=PNG)
    await yard.wants("a")
    async with store.writing() as db:
        assert len(await media.take_wanted(db, 5)) == 1  # And then the process dies.
    await yard.fetching.fetch()
    assert [row.state for row in await yard.rows()] == ["wanted"]
    yard.at += media.LEASE
    await yard.fetching.fetch()
    assert [row.state for row in await yard.rows()] == ["kept"]


async def test_two_processes_never_fetch_the_same(store: Store) -> None:
    yard = Yard(store, a=PNG, b=PNG)
    await yard.wants("a", "b")
    async with store.writing() as db:
        first = await media.take_wanted(db, 1)
        second = await media.take_wanted(db, 5)
    assert len(first) == len(second) == 1
    assert first[0].id != second[0].id


# --- From where ---


async def test_from_telegram_over_http(sqlite_database_url: str, handbook: Handbook, api: BotApi) -> None:
    big = b"\xff\xd8\xff\xe0" + b"\0" * (20 << 20)
    known = api.files.keep("photo.jpg", "image/jpeg", photo())
    large = api.files.keep("film.mp4", "video/mp4", big)
    async with Desk(sqlite_database_url, handbook, api) as desk:
        shelf, source = desk.store.shelf, desk.telegram.files
        stored = await source.fetch(known["file_id"], "", shelf)
        assert (stored.digest, stored.mime) == (hashlib.sha256(photo()).hexdigest(), "image/jpeg")
        with pytest.raises(TooLarge):
            await source.fetch(large["file_id"], "film.mp4", shelf)
        with pytest.raises(Unavailable):
            await source.fetch("never seen", "", shelf)
        desk.telegram.files.base = api.url + "/file/botWRONG"
        with pytest.raises(Exception, match="404") as failed:
            await source.fetch(known["file_id"], "", shelf)
        assert "WRONG" not in str(failed.value)


async def test_from_a_server_of_ones_own_that_keeps_files_on_this_disk(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file_0.jpg").write_bytes(photo())

    async def call(_method: str, **_more: Any) -> dict[str, str]:
        return {"file_path": str(tmp_path / "file_0.jpg")}

    mine = TelegramFiles(None, call, "http://127.0.0.1:8081/file/bot")  # type: ignore[arg-type]
    assert (await mine.fetch("a", "", store.shelf)).mime == "image/jpeg"


async def test_from_the_web_shelf(store: Store) -> None:
    stored = await Paper(a=photo()).fetch("a", "a.jpg", store.shelf)
    async with store.writing() as db:
        ana = people.welcome(db, "web", "ana", "bg")
        number = files.receive(db, ana.id, digest=stored.digest, name="a.jpg", mime=stored.mime, size=stored.size)
    assert await Uploaded(store).fetch(str(number), "", store.shelf) == stored
    with pytest.raises(Unavailable):
        await Uploaded(store).fetch("1", "", store.shelf)


# --- In words ---


@pytest.mark.parametrize("language", ["bg", "en"])
async def test_what_is_not_taken_is_said_at_once_and_the_rest_is_fetched(
    store: Store, handbook: Handbook, language: str
) -> None:
    sent = Media((File("photo", "a"), File("video", "b", "film.mp4", 30 << 20), File("sticker", "c")))
    async with store.writing() as db:
        ana = people.welcome(db, "paper", "ana", language)
        assert ana.person is not None
        heard = Heard(channel="paper", conversation="ana", sender="ana", key="1", word=sent, at=db.now)
        talk = Talk(heard, 1, ana.person, ana, handbook, db, TRANSLATORS, Links())
        numbers, problems = words.take(talk, "draft:1")
        assert "20" in words.limits(talk)
        assert "film.mp4" in problems[0]
        assert len(problems) == 2
        await media.belong_to(db, "draft:1", "case:1")
        (row,) = await media.about(db, "case:1")
        assert [row.id] == numbers
        media.give_up(db, row.id, "refused", "pixels")
        (row,) = await media.some(db, numbers)
        say = words.outcome(talk, row)
        assert say is not None
        assert say.about == "case:1"
        assert (await db.rows(select(media.media.c.state))) == [("refused",)]
