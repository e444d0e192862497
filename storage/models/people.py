"""Roles, invitations, and the files that people sent."""

from sqlalchemy import BigInteger, CheckConstraint, Column, String, Table

from storage.models.base import Moment, metadata, own_id, refers

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token: the table gives nobody a role.
    Column("role", String(16), nullable=False),
    Column("municipality", String(32)),
    Column("department", String(64)),
    Column("category", String(40)),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    refers("used_by", "people", nullable=True),
)

roles = Table(
    "roles",
    metadata,
    own_id(),
    refers("person_id", "people", index=True),
    Column("role", String(16), nullable=False),
    Column("municipality", String(32)),
    Column("department", String(64)),
    Column("category", String(40)),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    CheckConstraint(
        "role IN ('administrator', 'mayor', 'secretary', 'head', 'staff', 'organizer', 'monitor', 'emergency')",
        name="role",
    ),
)

files = Table(
    "files",
    metadata,
    own_id(),
    refers("conversation_id", "conversations"),
    Column("digest", String(64), nullable=False),  # SHA-256 of the bytes as they came; also the name on the disk.
    Column("name", String(255), nullable=False),
    Column("mime", String(127), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)
