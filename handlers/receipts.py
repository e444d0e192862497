"""The sentence that hands somebody their receipt."""

from handlers.talk import Talk
from handlers.words import Part, fill, link
from storage import receipts


def words(talk: Talk, token: str) -> list[Part]:
    """Where the receipt is, as a page that checks itself and as a file to print."""
    _ = talk.translator.gettext
    address = talk.links.public_url + receipts.path(token)
    sentence = _("Your receipt is here: {page} ({pdf}). It proves what you filed, when, and what was promised; keep "
                 "the link to yourself.")  # fmt: skip
    return fill(sentence, page=link(_("receipt"), address), pdf=link(_("PDF to print"), f"{address}.pdf"))
