"""What happened to the entries of a bundle, told from the hashes that were published for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.audit_findings import BAD, N_, Entry, Report


def compare(
    report: Report, first: int, says: Sequence[Mapping[str, Any] | None], found: Sequence[bytes], known: Sequence[bytes]
) -> int:
    """Compare the hashes of what is there with those known before; name what differs, return how many do."""
    if list(found) == list(known):
        return 0
    there, before = set(found), set(known)
    missing = [place for place, digest in enumerate(known) if digest not in there]
    extra = [place for place, digest in enumerate(found) if digest not in before]
    altered = set(missing) & set(extra)
    for place in sorted(altered):
        report.add(BAD, "altered", N_("{entry} was altered after it was recorded."), entry=_entry(first, place, says))
    for place in sorted(set(extra) - altered):
        report.add(BAD, "inserted", N_("{entry} was inserted later: it was not there when the journal was sealed."),
                   entry=_entry(first, place, says))  # fmt: skip
    for place in sorted(set(missing) - altered):
        report.add(BAD, "deleted", N_("Entry {number} was deleted."), number=first + place)
    if not missing and not extra:
        _moved(report, first, says, found, known)
    return max(1, len(missing) + len(set(extra) - altered))


def _moved(
    report: Report, first: int, says: Sequence[Mapping[str, Any] | None], found: Sequence[bytes], known: Sequence[bytes]
) -> None:
    """The same entries in another order, or one of them twice."""
    if len(found) != len(known):
        report.add(
            BAD, "repeated", N_("Behind entry {number} there are entries twice, or not all of them."), number=first
        )
        return
    for place, (now, then) in enumerate(zip(found, known, strict=True)):
        if now != then:
            report.add(
                BAD, "moved", N_("{entry} stands in the place of another: entries were exchanged."),
                entry=_entry(first, place, says),
            )  # fmt: skip


def _entry(first: int, place: int, says: Sequence[Mapping[str, Any] | None]) -> Entry:
    return Entry(first + place, says[place] if place < len(says) else None)
