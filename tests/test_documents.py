"""Documents lead somewhere: every relative link and picture in them is there, and every guide is linked."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PICTURE_BYTES = 250_000  # A page of pictures still opens on a slow line.


def links(document: Path) -> list[Path]:
    """What it leads to on this disk."""
    found = (link.partition("#")[0] for link in LINK.findall(document.read_text("utf-8")))
    return [(document.parent / link).resolve() for link in found if link and "://" not in link and ":" not in link]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [str(target.relative_to(ROOT)) for target in links(document) if not target.exists()] == []


def test_every_guide_and_every_picture_is_linked() -> None:
    linked = {target for document in DOCUMENTS for target in links(document)}
    folders = {target for target in linked if target.is_dir()}
    kept = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "images").iterdir()]
    assert [path.name for path in kept if path not in linked and path.parent not in folders] == []


def test_pictures_are_small() -> None:
    too_large = [path.name for path in (ROOT / "docs" / "images").iterdir() if path.stat().st_size > PICTURE_BYTES]
    assert too_large == []
