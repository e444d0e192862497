"""Files that people sent into a matter: what is still to be fetched from its channel, and what is kept."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, SmallInteger, String, Table

from storage.models.base import Moment, metadata, own_id, refers

media = Table(
    "media",
    metadata,
    own_id(),
    refers("conversation_id", "conversations", index=True),
    Column("channel", String(16), nullable=False),
    Column("ref", String(255), nullable=False),  # How the channel finds it: a file_id, the number of an upload.
    Column("about", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", Moment, nullable=False),
    # What it is found to be. The original is private; others see the copy without what the camera wrote into it.
    Column("digest", String(64)),
    Column("mime", String(127)),
    Column("size", BigInteger),
    Column("shown_digest", String(64)),
    Column("shown_size", BigInteger),
    Column("thumb_digest", String(64)),
    Column("width", Integer),
    Column("height", Integer),
    Column("at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("state IN ('wanted', 'kept', 'refused', 'lost', 'discarded')", name="state"),
    Index("ix_media_about", "about"),
)
_WANTED = media.c.state == "wanted"
Index("ix_media_wanted", media.c.due_at, sqlite_where=_WANTED, postgresql_where=_WANTED)
