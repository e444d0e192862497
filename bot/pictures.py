"""Pictures made from a recipe at the moment they are sent; what draws them is loaded when something is drawn."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

SCALE = 10  # Pixels a module: sharp when printed on a notice of the size of a hand.
BORDER = 4  # Modules of quiet zone, ISO/IEC 18004.


def qr_png(address: str) -> bytes:
    import segno

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=SCALE, border=BORDER)
    return out.getvalue()


def qr_svg(address: str) -> bytes:
    import segno

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=SCALE, border=BORDER)
    return out.getvalue()


async def png(picture: dict[str, Any], address: Callable[[str], str]) -> bytes:
    """Draw a picture of a message, away from the event loop."""
    return await asyncio.to_thread(qr_png, address(picture["value"]))


def font() -> Path:
    """The letters we bring along, Cyrillic and Latin."""
    import fontpkg_noto_sans  # type: ignore[import-untyped]

    return Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf"


def svg_png(svg: str, zoom: float = 3.0) -> bytes:
    """A drawing as pixels, with the letters we bring along. Takes some tenths of a second: not on the event loop."""
    import resvg_py

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg, zoom=zoom, background="#ffffff", skip_system_fonts=True, font_files=[str(font())],
        font_family="Noto Sans", sans_serif_family="Noto Sans",
    )  # fmt: skip
    return bytes(drawn)
