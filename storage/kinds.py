"""What a received file really is, by its content; its name and what the browser calls it are only claims."""

import io
import zipfile
from pathlib import Path

# What puremagic finds -> what we call it. Nothing that a browser would run.
ALLOWED = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jfif": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".heif": "image/heic",
    ".heic": "image/heic",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mpga": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".m4a": "audio/mp4",
    ".pdf": "application/pdf",
}
OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ODT = "application/vnd.oasis.opendocument.text"
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
EXTENSIONS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "image/heic": ".heic",
    "video/mp4": ".mp4", "video/quicktime": ".mov", "audio/mpeg": ".mp3", "audio/ogg": ".ogg", "audio/mp4": ".m4a",
    "application/pdf": ".pdf", OFFICE["word/document.xml"]: ".docx", OFFICE["xl/workbook.xml"]: ".xlsx",
    ODT: ".odt", "text/plain": ".txt",
}  # fmt: skip
ACCEPT = ",".join((*EXTENSIONS.values(), ".jpeg", ".heif"))  # For the page's own file dialogue.
HEAD = 4096  # Bytes that tell the kind.


def mime_of(file: Path, name: str) -> str | None:
    """Return the kind of a file, or None where it is none of those that we take."""
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    if head[:4] == b"PK\x03\x04":
        return _office(file)
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "image/heic"
    return _by_magic(head, name) or (_text(file) if name.lower().endswith(".txt") else None)


def _by_magic(head: bytes, name: str) -> str | None:
    import puremagic  # With the first file: its table of kinds takes a megabyte.

    try:
        found = puremagic.magic_stream(io.BytesIO(head))
    except (puremagic.PureError, ValueError):
        return None
    best = max((match.confidence for match in found), default=0)
    names = [match.extension.lower() for match in found if match.confidence == best]
    # Something that may be one of ours and something else besides is what its name says, if the content agrees.
    claimed = Path(name).suffix.lower()
    if claimed in names and claimed in ALLOWED:
        return ALLOWED[claimed]
    return next((ALLOWED[one] for one in names if one in ALLOWED), None)


def _office(file: Path) -> str | None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[:5000])
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None  # Macros are programs.
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return ODT if archive.read("mimetype").strip() == ODT.encode() else None
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((mime for part, mime in OFFICE.items() if part in names), None)


def _text(file: Path) -> str | None:
    """Plain text in UTF-8 or in the old Windows alphabet; no control characters either way."""
    content = file.read_bytes()
    if any(byte < 9 or 13 < byte < 32 for byte in content):
        return None
    for encoding in ("utf-8", "cp1251"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "text/plain"
    return None
