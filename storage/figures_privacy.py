"""Small cells: counts so small that somebody could be recognised are hidden, and so is what would give them away."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

SMALL = 5  # Counts from 1 to 4 are hidden.

Key = TypeVar("Key", bound=Hashable)


def is_small(count: int) -> bool:
    return 0 < count < SMALL


def hidden(counts: Mapping[Key, int]) -> set[Key]:
    """Return which cells of a table with a published total are hidden.

    One hidden cell alone is the total less the others, and several that are few together say as much. So the smallest
    of the shown ones are hidden too, until what is hidden holds at least two cells and at least `SMALL` together.
    Empty cells go last: hiding one hides nothing, so they are taken only when nothing else is left.
    """
    away = {key for key, count in counts.items() if is_small(count)}
    if not away:
        return away
    others = sorted((key for key in counts if key not in away), key=lambda key: (counts[key] == 0, counts[key]))
    for key in others:
        if len(away) >= 2 and sum(counts[one] for one in away) >= SMALL:
            break
        away.add(key)
    return away
