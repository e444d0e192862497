"""What the entries of a journal say together: its keys, numbers of cases, what was erased, the order of times."""

import base64
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from storage import journal
from storage.audit_figures import History
from storage.audit_findings import BAD, GOOD, N_, NOTE, Entry, Report
from storage.notes import Key, Unreadable

NUMBER = re.compile(r"([A-Z]{3}-\d{4})-(\d{6,8})-[0-9A-Z]")
LATE_S = 900  # A transaction may commit after others that began later; by more than this, somebody should look.
MOST = 20  # That are named one by one.


class Contents:
    """Takes in the entries one by one, in their order."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.keys: list[Key] = []
        self.numbers: dict[str, Counter[int]] = {}
        self.kinds: Counter[str] = Counter()
        self.history = History()
        self.erased = 0
        self.erasures: list[Mapping[str, Any]] = []
        self.late: list[int] = []
        self.wrong: list[int] = []
        self._newest = self._limit = ""

    def take(self, position: int, says: Mapping[str, Any] | None) -> None:
        if says is None or not isinstance(says.get("kind"), str) or not isinstance(says.get("at"), str):
            self.wrong.append(position)
            return
        kind, at = says["kind"], says["at"]
        self.kinds[kind] += 1
        if at < self._limit:
            self.late.append(position)
        elif at > self._newest and kind != "key":  # The first key is named when sealing begins, before all there is.
            self._newest, self._limit = at, _before(at)
        if kind in ("heard", "said", "delivery"):
            return
        if kind == "key":
            self._key(position, says)
        elif kind in ("case", "report"):
            self.history.take(says)
            self._case(says)
        elif kind == "erasure":
            self.erasures.append(says)
            self.erased += says.get("entries", 0) if isinstance(says.get("entries"), int) else 0

    def _key(self, position: int, says: Mapping[str, Any]) -> None:
        """The first key is named by the first entry; each other one is vouched for by the one before it."""
        try:
            key = Key.read(str(says.get("key")))
            if not self.keys:
                is_well = position == 0
            else:
                signature = base64.b64decode(str(says.get("endorsement")))
                is_well = self.keys[-1].is_signed(journal.endorsed(key), signature)
        except (Unreadable, ValueError):
            is_well = False
        if is_well:
            self.keys.append(key)
        else:
            self.report.add(BAD, "key-not-endorsed", N_("{entry} names a new key that the old one does not vouch for."),
                            entry=Entry(position, says))  # fmt: skip

    def _case(self, says: Mapping[str, Any]) -> None:
        found = NUMBER.fullmatch(str(says.get("case")))
        if found and says.get("action") == "file":
            self.numbers.setdefault(found[1], Counter())[int(found[2])] += 1

    def conclude(self) -> None:
        """Say what the whole of it means."""
        report = self.report
        for position in self.wrong[:MOST]:
            report.add(BAD, "unreadable", N_("Entry {number} cannot be read."), number=position)
        self._conclude_numbers()
        if self.erasures:
            report.add(
                NOTE, "erased", N_("Entries whose personal contents were erased: {count}, the last time on {at} "
                                   "(reason: {reason}). The entries themselves and all proofs stay valid."),
                count=self.erased, at=self.erasures[-1]["at"], reason=self.erasures[-1].get("reason", "?"),
            )  # fmt: skip
        if self.late:
            report.add(
                NOTE, "late", N_("Entries with an earlier time than entries before them, by more than a quarter of an "
                                 "hour: {count}; the first is entry {number}. Perhaps a clock was set; ask why."),
                count=len(self.late), number=self.late[0],
            )  # fmt: skip
        report.facts |= {"kinds": dict(self.kinds), "erased": self.erased}

    def _conclude_numbers(self) -> None:
        report, total, is_well = self.report, 0, True
        for series, numbers in sorted(self.numbers.items()):
            total += len(numbers)
            gaps = [number for number in range(1, max(numbers) + 1) if number not in numbers]
            twice = [number for number, times in numbers.items() if times > 1]
            is_well = is_well and not gaps and not twice
            for number in gaps[:MOST]:
                report.add(BAD, "number-missing", N_("There is no case {case}, although there is a later one."),
                           case=f"{series}-{number:06d}")  # fmt: skip
            for number in twice[:MOST]:
                report.add(BAD, "number-twice", N_("Two cases have the number {case}."), case=f"{series}-{number:06d}")
        if total and is_well:
            report.add(GOOD, "numbers", N_("Cases: {count}. Their numbers follow one another without a gap."),
                       count=total)  # fmt: skip


def _before(at: str) -> str:
    """The time before which an entry that comes later is too late; as text it sorts like the times themselves."""
    try:
        return journal.moment(datetime.fromisoformat(at) - timedelta(seconds=LATE_S))
    except (ValueError, TypeError):
        return ""
