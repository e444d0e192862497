"""Telling the other processes on the same database that something was said, so that whoever sends it wakes up."""

from storage.database import Session, Store
from storage.messages import Letter

LETTERS_TOPIC = "gishe_letters"  # PostgreSQL NOTIFY; the payload is "channel:conversation,conversation,…".
NEWS_MARK = "!"  # Before the name of other news than letters.
IN_ONE = 200  # Conversations in a payload, which may have 8,000 bytes.


async def announce(store: Store, db: Session, letters: list[Letter]) -> None:
    """Tell after the commit of this transaction, once for each channel, and what else there is to tell."""
    if store.is_sqlite:
        return
    for topic in db.news:
        await store.notify(db, LETTERS_TOPIC, f"{NEWS_MARK}{topic}")
    channels: dict[str, list[int]] = {}
    for letter in letters:
        channels.setdefault(letter.channel, []).append(letter.conversation_id)
    for channel, conversations in channels.items():
        unique = list(dict.fromkeys(conversations))
        for start in range(0, len(unique), IN_ONE):
            numbers = ",".join(str(number) for number in unique[start : start + IN_ONE])
            await store.notify(db, LETTERS_TOPIC, f"{channel}:{numbers}")
