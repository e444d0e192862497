"""Photos and files: taken by what they are, given back to whoever sent them, refused with a reason."""

import errno
import hashlib
import io
import zipfile
from uuid import uuid4

import openpyxl
import pytest
from sqlalchemy import select

from bot.web.flood import Buckets, Floods
from bot.web.uploads import clean_name, with_suffix
from storage.kinds import mime_of
from storage.models import files, incoming
from storage.shelf import MAX_BYTES, Shelf

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50


def office(*names: str, mimetype: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<x/>")
    return made.getvalue()


def sheet() -> bytes:
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    return made.getvalue()


def movie(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\2\0" + brand + b"\0" * 40


TAKEN = {
    "a.png": (PNG, "image/png"),
    "a.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50, "image/jpeg"),
    "exif.jpg": (b"\xff\xd8\xff\xe1\0\x10Exif\0" + b"\0" * 50, "image/jpeg"),
    "a.webp": (b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20, "image/webp"),
    "a.gif": (b"GIF89a" + b"\0" * 30, "image/gif"),
    "a.heic": (movie(b"heic"), "image/heic"),
    "b.heic": (movie(b"mif1"), "image/heic"),
    "a.mp4": (movie(b"isom"), "video/mp4"),
    "b.mp4": (movie(b"mp42"), "video/mp4"),
    "a.mov": (movie(b"qt  "), "video/quicktime"),
    "a.m4a": (movie(b"M4A "), "audio/mp4"),
    "a.mp3": (b"ID3\4\0\0\0\0\0\0" + b"\0" * 50, "audio/mpeg"),
    "b.mp3": (b"\xff\xfb\x90\x64" + b"\0" * 50, "audio/mpeg"),
    "a.ogg": (b"OggS\0\2" + b"\0" * 22 + b"\x01\x1eOpusHead", "audio/ogg"),
    "a.pdf": (b"%PDF-1.7\n", "application/pdf"),
    "a.docx": (
        office("[Content_Types].xml", "word/document.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "a.xlsx": (sheet(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "a.odt": (
        office("content.xml", mimetype="application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
    ),
    "a.txt": ("Здравейте,\nпиша Ви за скица.".encode(), "text/plain"),
    "old.txt": ("Здравейте".encode("cp1251"), "text/plain"),
}
REFUSED = {
    "a.exe": b"MZ\x90\0" + b"\0" * 60,
    "virus.png": b"MZ\x90\0" + b"\0" * 60,
    "a.html": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "page.png": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a.zip": office("a.txt"),
    "macro.docx": office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "broken.docx": b"PK\x03\x04" + b"\0" * 100,
    "a.elf": b"\x7fELF" + b"\0" * 60,
    "page.txt": b"\x00\x01\x02",
    "empty.txt": b"",
}


@pytest.mark.parametrize("name", TAKEN)
def test_the_content_tells_the_kind(tmp_path, name):
    content, mime = TAKEN[name]
    (tmp_path / "file").write_bytes(content)
    assert mime_of(tmp_path / "file", name) == mime


@pytest.mark.parametrize("name", TAKEN)
def test_the_name_alone_makes_no_file_acceptable(tmp_path, name):
    (tmp_path / "file").write_bytes(b"MZ\x90\0" + b"\0" * 60)
    assert mime_of(tmp_path / "file", name) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [("cat.jpg", "cat.jpg"), ("C:\\photos\\cat.jpg", "cat.jpg"), ("../../etc/passwd", "passwd"), ("", ""),
     ("a\nb\0<c>.png", "abc.png"), ("..", ""), ("снимка на дупка.jpg", "снимка на дупка.jpg"),
     ("x" * 300 + ".jpg", "x" * 110 + ".jpg")],
)  # fmt: skip
def test_a_name_is_kept_as_far_as_it_is_a_name(given, kept):
    assert clean_name(given) == kept


def test_a_name_ends_as_its_content_demands():
    assert with_suffix("cat.exe", "image/jpeg") == "cat.exe.jpg"
    assert with_suffix("cat.JPEG", "image/jpeg") == "cat.JPEG"
    assert with_suffix("", "application/pdf").endswith(".pdf")


async def test_a_photo_is_stored_sent_and_shown_to_its_sender_only(webtown):
    visitor, eve = webtown.visitor(), webtown.visitor()
    ana = await visitor.connects()
    await ana.greets()
    status, photo = await visitor.uploads(PNG, "дупка.png")
    assert status == 200
    assert webtown.parts.shelf.path(hashlib.sha256(PNG).hexdigest()).read_bytes() == PNG

    key = str(uuid4())
    await ana.sends(t="files", key=key, files=[photo["id"]], text="Дупка на пътя")
    await ana.hears("kept")
    (row,) = await webtown.rows(select(incoming.c.content).where(incoming.c.kind == "media"))
    assert row.content["caption"] == "Дупка на пътя"
    assert row.content["files"][0] | {"size": 0} == {
        "kind": "photo", "ref": photo["id"], "name": "дупка.png", "size": 0, "mime": "image/png",
    }  # fmt: skip

    async with visitor.http.get(f"{webtown.url}/chat/files/{photo['id']}") as response:
        assert (response.status, await response.read()) == (200, PNG)
        assert response.headers["Content-Type"] == "image/png"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "%D0%B4" in response.headers["Content-Disposition"]
    await (await eve.connects()).greets()
    async with eve.http.get(f"{webtown.url}/chat/files/{photo['id']}") as response:
        assert response.status == 404

    again = await visitor.connects()
    shown = next(frame for frame in again.welcome["messages"] if frame.get("mine"))
    assert (shown["text"], shown["files"][0]["id"]) == ("Дупка на пътя", photo["id"])


async def test_nobody_sends_somebody_elses_file(webtown):
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()
    _status, photo = await visitor.uploads(PNG, "a.png")
    eve = await webtown.visitor().connects()
    await eve.greets()
    await eve.sends(t="files", key=str(uuid4()), files=[photo["id"]], text="")
    assert (await eve.hears("refused"))["why"] == "files"


@pytest.mark.parametrize("name", REFUSED)
async def test_what_we_do_not_take_is_refused_and_leaves_nothing_behind(webtown, name):
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()
    assert await visitor.uploads(REFUSED[name], name) == (415, {"why": "kind"})
    assert not [path for path in webtown.parts.shelf.folder.rglob("*") if path.is_file()]
    assert not await webtown.rows(select(files.c.id))


async def test_two_gigabytes_are_refused_before_they_are_read(webtown):
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()
    request = (
        f"POST /chat/files?name=film.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{webtown.port}\r\nOrigin: {webtown.url}\r\n"
        f"Cookie: gishe={visitor.cookie}\r\nContent-Length: {2 << 30}\r\n\r\n"
    )
    assert "413" in await _answer_to(webtown.port, request.encode())


async def test_more_than_was_announced_is_refused_while_it_comes(webtown):
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()

    async def endless():
        for _ in range(MAX_BYTES // 65536 + 2):
            yield b"\x89PNG\r\n\x1a\n".ljust(65536, b"\0")

    status, answer = await visitor.uploads(endless(), "a.png")  # Sent in chunks, without its length.
    assert (status, answer) == (413, {"why": "large"})


class FullShelf(Shelf):
    """A disk that is full after the first block."""

    def write(self, out, block):
        raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_full_disk_is_told_in_words_and_the_chat_goes_on(webtown):
    webtown.store.shelf = FullShelf(webtown.settings.data_dir / "files")
    visitor = webtown.visitor()
    ana = await visitor.connects()
    await ana.greets()
    assert await visitor.uploads(PNG, "a.png") == (507, {"why": "full"})
    assert await ana.asks("/help")


async def test_uploads_leave_room_for_the_database(webtown):
    class Nearly(Shelf):
        def free(self) -> int:
            return 100 << 20

    webtown.store.shelf = Nearly(webtown.settings.data_dir / "files")
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()
    assert (await visitor.uploads(PNG, "a.png"))[0] == 507


async def test_only_our_own_page_with_a_session_uploads(webtown):
    visitor = webtown.visitor()
    assert (await visitor.uploads(PNG, "a.png"))[0] == 401
    await visitor.opens()
    assert (await visitor.uploads(PNG, "a.png"))[0] == 409  # Nobody has said anything yet.
    await (await visitor.connects()).greets()
    assert (await visitor.uploads(PNG, "a.png", Origin="https://evil.example"))[0] == 403
    assert (await visitor.uploads(PNG, "a.png", **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    assert (await visitor.uploads(PNG, "a.png"))[0] == 200


async def test_a_flood_of_uploads_is_told_when_to_go_on(webtown):
    webtown.parts.floods = Floods(uploads=Buckets(1, 0.1))
    visitor = webtown.visitor()
    await (await visitor.connects()).greets()
    assert (await visitor.uploads(PNG, "a.png"))[0] == 200
    assert (await visitor.uploads(PNG, "a.png"))[0] == 429


async def _answer_to(port: int, request: bytes) -> str:
    """The first line of the server's answer to these bytes."""
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return line.decode()
