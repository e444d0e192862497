"""The check of one receipt: does it open its entry, does the entry stand in the journal, is that signed?"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from storage import journal
from storage.audit import Audit, Source
from storage.audit_findings import BAD, GOOD, N_, NOTE, Entry, Report
from storage.merkle import included, leaf_hash
from storage.notes import Checkpoint, Key, Unreadable
from storage.receipts import FORMAT


async def check(
    text: str, *, keys: Sequence[Key] = (), source: Source | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:  # fmt: skip
    """Check a receipt; with `source` also that the journal of today still continues the receipt's own."""
    report = Report()
    try:
        receipt = orjson.loads(text)
        if not isinstance(receipt, dict) or receipt.get("format") != FORMAT:
            raise ValueError
        says = orjson.loads(receipt["entry"])
        _opens(report, says, receipt["opening"])
        checkpoint = _stands(report, receipt, says, keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        report.add(BAD, "receipt", N_("This is no receipt, or it is damaged."))
        return report
    if source is None or checkpoint is None:
        return report
    whole = await Audit(source, heads=[checkpoint], keys=keys, progress=progress).run()
    report.size = whole.size
    report.findings += [f for f in whole.findings if f.level == BAD or f.code == "head"]
    return report


def _opens(report: Report, says: Mapping[str, Any], opening: Mapping[str, Any]) -> None:
    if "erased_at" in opening:
        text = N_("What was filed was erased on {at} (reason: {reason}). That it was filed can still be proved.")
        report.add(NOTE, "erased", text, at=opening["erased_at"], reason=opening.get("reason") or "?")
        return
    salt = base64.b64decode(opening["salt"], validate=True)
    if len(salt) == journal.SALT_BYTES and journal.commitment(salt, opening["content"].encode()) == says["commitment"]:
        text = N_("The contents are those that were recorded, word for word (SHA-256 {digest}).")
        report.add(GOOD, "opening", text, digest=base64.b64decode(says["commitment"]).hex())
    else:
        report.add(BAD, "opening", N_("The contents are not those that were recorded: somebody changed them."))


def _stands(
    report: Report, receipt: Mapping[str, Any], says: Mapping[str, Any], keys: Sequence[Key]
) -> Checkpoint | None:  # fmt: skip
    """Whether the entry stands in the journal over which the head was signed."""
    if "checkpoint" not in receipt:
        text = N_("The receipt is not sealed yet. That takes a minute at most; fetch it anew then.")
        report.add(BAD, "unsealed", text)
        return None
    try:
        checkpoint = Checkpoint.read(receipt["checkpoint"])
        named = [Key.read(key) for key in receipt["keys"]]
        proof = [base64.b64decode(step, validate=True) for step in receipt["proof"]]
    except (Unreadable, binascii.Error):
        raise ValueError from None
    position = receipt["position"]
    if not isinstance(position, int):
        raise ValueError(position)
    entry = Entry(position, says)
    if included(position, checkpoint.size, leaf_hash(receipt["entry"].encode()), proof, checkpoint.root):
        report.add(GOOD, "inclusion", N_("{entry} stands in the journal of {size} entries."), entry=entry,
                   size=checkpoint.size)  # fmt: skip
    else:
        report.add(BAD, "inclusion", N_("{entry} does not stand in the journal that the receipt names."), entry=entry)
    signer = checkpoint.note.signed_by(keys or named)
    if signer is None or signer.name != checkpoint.origin:
        report.add(BAD, "signature", N_("The seal of the receipt is not signed with the key of the journal."))
        return None
    report.add(GOOD, "signature", N_("The seal is signed with the key of the journal, {key}."), key=str(signer))
    if not keys:
        text = N_("That key was taken from the receipt itself. Compare it with the one in a monthly report, or give it "
                  "with --key.")  # fmt: skip
        report.add(NOTE, "key-from-receipt", text)
    return checkpoint


def verdict(_: Callable[[str], str], report: Report) -> str:
    if report.is_well:
        return _("The receipt is genuine.")
    return _("The receipt could NOT be confirmed.")
