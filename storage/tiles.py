"""The tree in tiles, as C2SP tlog-tiles lays it out: 256 hashes a tile, eight levels of the tree in each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.merkle import Range, bag, full_root, full_subtrees, range_hash

WIDTH = 256
HEIGHT = 8
HASH = 32
ENTRIES = -1  # The level under the leaves' hashes: the entries themselves.
PATH = re.compile(r"(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its address under /log/ and in a folder."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        name = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
        return f"tile/{level}/{name}" + (f".p/{self.width}" if self.width < WIDTH else "")


def read_path(path: str) -> Tile | None:
    """The tile that this address (without `tile/`) names, or None: each tile has one address only."""
    found = PATH.fullmatch(path)
    if not found or len(path) > 60:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("x", "").replace("/", "") + found[3]), int(found[4] or WIDTH))
    return tile if tile.width <= WIDTH and tile.path == f"tile/{path}" else None


def tiles_of(size: int) -> Iterable[Tile]:
    """Every tile of hashes of a tree of this size."""
    level, row = 0, size
    while row:
        for number in range(-(-row // WIDTH)):
            yield Tile(level, number, min(WIDTH, row - number * WIDTH))
        level, row = level + 1, row // WIDTH


def last_tiles(size: int) -> list[Tile]:
    """The tiles at the right edge that are not full: with them the tree can grow, and its root is known."""
    found, level = [], 0
    while size:
        if size % WIDTH:
            found.append(Tile(level, size // WIDTH, size % WIDTH))
        level, size = level + 1, size // WIDTH
    return found


def hashes(data: bytes) -> list[bytes]:
    return [data[i : i + HASH] for i in range(0, len(data), HASH)]


def peaks(edge: Mapping[int, Sequence[bytes]]) -> list[bytes]:
    """The roots of the full subtrees, largest first, from the unfilled tiles by level."""
    found = []
    for level in sorted(edge, reverse=True):
        row = edge[level]
        found += [
            full_root(row[number << height : (number + 1) << height]) for height, number in full_subtrees(0, len(row))
        ]
    return found


def root(edge: Mapping[int, Sequence[bytes]]) -> bytes:
    return bag(peaks(edge))


def tile_of(height: int, number: int) -> tuple[int, int]:
    """(level, number) of the tile in which a full subtree stands."""
    level = height // HEIGHT
    return level, (number << (height - level * HEIGHT)) // WIDTH


def needed(ranges: Iterable[Range], size: int) -> set[Tile]:
    """The tiles from which the hashes of these ranges are made, as a tree of `size` has them."""
    places = {tile_of(*subtree) for some in ranges for subtree in full_subtrees(*some)}
    return {Tile(level, number, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH)) for level, number in places}


def prove(ranges: Iterable[Range], rows: Mapping[tuple[int, int], Sequence[bytes]]) -> list[bytes]:
    """The hashes of these ranges from the tiles, given by (level, number)."""

    def subtree(height: int, number: int) -> bytes:
        level, tile = tile_of(height, number)
        inside = height - level * HEIGHT
        start = (number << inside) - tile * WIDTH
        return full_root(rows[level, tile][start : start + (1 << inside)])

    return [range_hash(some, subtree) for some in ranges]
