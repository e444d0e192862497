"""The Merkle tree of RFC 6962 (and 9162): hashes, roots, and proofs that are checked without the tree."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()
Range = tuple[int, int]  # Leaves from the first up to, not including, the second.


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a row whose length is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\1" + row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]
    return row[0]


def bag(peaks: Sequence[bytes]) -> bytes:
    """The root of a tree whose full subtrees, from the largest to the smallest, have these roots."""
    if not peaks:
        return EMPTY
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """The full subtrees of a tree that grows: enough to know its root at every size."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def add(self, root: bytes, leaves: int = 1) -> None:
        """Add a leaf, or a full subtree of `leaves` (a power of two that divides the size)."""
        size = self.size + leaves
        while self.size & leaves:
            root = node_hash(self.peaks.pop(), root)
            self.size -= leaves
            leaves *= 2
        self.peaks.append(root)
        self.size = size

    def copy(self) -> "Frontier":
        return Frontier(self.size, self.peaks)

    @property
    def root(self) -> bytes:
        return bag(self.peaks)


def full_subtrees(start: int, end: int) -> Iterable[tuple[int, int]]:
    """(height, number) of the full subtrees that make up a range which the tree's own splits can give."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove that leaf `index` stands in a tree of `size`, from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that a tree of `new` begins with that of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"There is no proof from {old} to {new}.")
    ranges: list[Range] = []
    start, end, is_whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_whole = middle, False
    return ([] if is_whole else [(start, end)]) + ranges[::-1]


def range_hash(some: Range, subtree: Callable[[int, int], bytes]) -> bytes:
    """The hash of a range, from its full subtrees."""
    return bag([subtree(height, number) for height, number in full_subtrees(*some)])


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == old_root and second == new_root
