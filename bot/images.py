"""Pictures that people sent, made fit to be shown: turned upright, without what the camera wrote into them, small."""

import asyncio
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Pillow is loaded with the first picture: a counter without any need not hold it.
    from PIL import Image

SHOWN_PX = 2048  # The longer side of the copy: a number plate is still read, and a phone shows it at once.
THUMB_PX = 320
MOST_PIXELS = 40_000_000  # Decoded, 160 MB at the most. JPEG is decoded smaller, so it may have more.
MOST_PIXELS_JPEG = 120_000_000
READABLE = ("JPEG", "PNG", "WEBP", "GIF")
MIMES = ("image/jpeg", "image/png", "image/webp", "image/gif")

_one_at_a_time = asyncio.Semaphore(1)  # Each may take a hundred megabytes and a whole core.


class Bomb(Exception):
    """It would fill the memory when it is decoded."""


class Unreadable(Exception):
    """It is no picture, whatever its first bytes say."""


@dataclass(frozen=True, slots=True)
class Copies:
    shown: bytes
    thumb: bytes
    width: int
    height: int


async def copies(file: Path) -> Copies:
    """Make the copy that others see and the thumbnail, away from the event loop."""
    async with _one_at_a_time:
        return await asyncio.to_thread(make_copies, file)


def make_copies(file: Path) -> Copies:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of Pillow's own, lower bound.
            with Image.open(file, formats=READABLE) as image:
                return _copies(image)
    except Bomb:
        raise
    except Image.DecompressionBombError as error:
        raise Bomb from error
    except Exception as error:  # Pillow raises whatever its decoders stumble over.
        raise Unreadable from error


def _copies(image: "Image.Image") -> Copies:
    from PIL import ImageOps

    pixels = image.width * image.height
    if pixels > (MOST_PIXELS_JPEG if image.format == "JPEG" else MOST_PIXELS):
        raise Bomb
    image.draft("RGB", (SHOWN_PX, SHOWN_PX))  # JPEG only: decoded at a half, a quarter or an eighth.
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((SHOWN_PX, SHOWN_PX))
    plain = _plain(upright)
    thumb = plain.copy()
    thumb.thumbnail((THUMB_PX, THUMB_PX))
    return Copies(_jpeg(plain, 85), _jpeg(thumb, 80), plain.width, plain.height)


def _plain(image: "Image.Image") -> "Image.Image":
    """The pixels alone, on white where there were none: no EXIF, comment or profile is left to be written."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA", "P"):
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        image = Image.alpha_composite(white, clear)
    plain = image.convert("RGB")
    plain.info.clear()
    return plain


def _jpeg(image: "Image.Image", quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
