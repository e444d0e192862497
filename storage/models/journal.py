"""The journal: what waits to be sealed, the tree in tiles, its signed heads, the openings, receipts and checks."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from storage.models.base import Id, Moment, metadata, own_id, refers

# What transactions recorded, a row each: the entries one after the other, as they will stand in the entry bundles.
journal_queue = Table(
    "journal_queue",
    metadata,
    own_id(),
    Column("entries", LargeBinary, nullable=False),
    Column("openings", JSON, nullable=False),  # [place among the entries, row of `openings`] of those that have one.
)

# What an entry commits to, apart from it, so that it can be erased. Those of messages are the messages' own rows.
openings = Table(
    "openings",
    metadata,
    own_id(),
    Column("kind", String(24), nullable=False),
    Column("about", String(64)),
    refers("person_id", "people", nullable=True, index=True),
    Column("salt", LargeBinary),
    Column("content", Text),  # Canonical JSON, as it was hashed.
    Column("position", BigInteger),  # In the tree, once it is sealed.
    Column("at", Moment, nullable=False),
    Column("erased_at", Moment),
    Column("erased_why", String(64)),
    Index("ix_openings_about", "about"),
)

# C2SP tlog-tiles: level 0 and up are hashes; level -1 holds the entries. The last of a level grows until it is full.
journal_tiles = Table(
    "journal_tiles",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("width", SmallInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

journal_heads = Table(
    "journal_heads",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),  # The checkpoint as signed by us.
    Column("cosignatures", Text, nullable=False),  # Lines of witnesses.
    Column("at", Moment, nullable=False),
)

# The public keys that have signed heads, in the order in which they came into force.
journal_keys = Table(
    "journal_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("vkey", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Heads handed to somebody outside, who can show them when the journal is rewritten.
publications = Table(
    "publications",
    metadata,
    own_id(),
    Column("size", BigInteger, nullable=False),
    Column("way", String(16), nullable=False),
    Column("address", String(255), nullable=False),
    Column("message_id", Id),  # Of the outbox, where the head goes through a channel of the bot.
    Column("state", String(16), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("reason", Text),
    Column("due_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("way IN ('telegram', 'webhook', 'mail')", name="way"),
    CheckConstraint("state IN ('due', 'sent', 'failed')", name="state"),
    Index("ix_publications_state", "state", "due_at"),
)

# What the daily check of the whole journal found.
journal_checks = Table(
    "journal_checks",
    metadata,
    own_id(),
    Column("is_well", Boolean, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    own_id(),
    Column("token", String(43), nullable=False, unique=True),
    Column("number", String(32), nullable=False, index=True),  # The case's own.
    Column("step", String(16), nullable=False),
    refers("opening_id", "openings"),
    refers("person_id", "people", nullable=True),
    Column("language", String(2), nullable=False),
    Column("entry", Text, nullable=False),  # As it stands in the journal.
    Column("at", Moment, nullable=False),
)
