"""The fields of the handbook: what a card and every other part hold, and how much of it the channels can show."""

import re
from typing import Any

from storage.handbook_problems import N_
from storage.handbook_schema import ID, NO_ID, Day, Fields, Flag, Items, Kind, Named, Number, Text, Tree, Whole

LANGUAGES = ("bg", "en")
PHRASE_LANGUAGES = ("bg", "latn", "en")  # latn: Bulgarian in Latin letters.
CONFIDENCE = ("high", "medium", "low")
SPEEDS = ("express", "fast", "ordinary")  # The quickest first.
REPORT = "report:"
SAME_EVERYWHERE = ("id", "category", "register_no", "aliases")  # Search and lists know the common card only.
NO_ADDRESS = N_("“{value}” is no web address: it begins with https:// and has no spaces.")
NO_EMAIL = N_("“{value}” is no e-mail address.")
NO_PHONE = N_("“{value}” is no telephone number: digits, spaces and + ( ) / - only.")
NO_CODE = N_("“{value}” is not written as such codes are.")
NO_WORD = N_("“{value}” is no single synonym: a comma stands between two.")

IDENTIFIER = Text(most=40, pattern=ID, advice=NO_ID)
NAME = re.compile(r"[a-z0-9_-]{2,60}")
ANY = re.compile(r"[\s\S]*")  # Names that are compared with those that exist.


def choice(*names: str) -> Text:
    return Text(most=40, choices=names)


def both(most: int, **more: Any) -> Fields:
    """The same text in both languages."""
    return Fields(fields={language: Text(most=most, lines=most > 200) for language in LANGUAGES}, **more)


def both_lists(most: int, of: Kind, least: int = 0, **more: Any) -> Fields:
    return Fields(fields={language: Items(of=of, least=least, most=most) for language in LANGUAGES}, **more)


def code(pattern: str) -> Text:
    return Text(most=20, pattern=re.compile(pattern), advice=NO_CODE)


TERM = Fields(
    fields={
        "ordinary": Whole(most=3650, nullable=True),
        "fast": Whole(most=3650, nullable=True),
        "express": Whole(most=3650, nullable=True),
        "note": both(300),
    }
)

SERVICE = Fields(
    fields={
        "id": IDENTIFIER,
        "register_no": Whole(most=99_999, nullable=True),
        "category": IDENTIFIER,
        "title": both(120),
        "summary": both(400),
        "who_can_apply": both(300),
        "documents": both_lists(20, Text(most=300), least=1),
        "term_days": TERM,
        "fee": both(300),
        "legal_basis": Items(of=Text(most=200), least=1, most=15),
        "result": both(300),
        "validity": both(300, nullable=True),
        "apply": both(400),
        "appeal": both(600, nullable=True),
        "related": Items(of=IDENTIFIER, most=10, joined=", "),
        "aliases": both_lists(40, Text(most=80, least=2)),
        "confidence": choice(*CONFIDENCE),
        "checked_by": Text(most=120, nullable=True, absent=True),
        "checked_on": Day(nullable=True, absent=True),
        "practice": both(2_000, nullable=True, absent=True),  # What the staff has answered, taken in after review.
    }
)

CATEGORY = Fields(
    fields={
        "id": IDENTIFIER,
        "order": Whole(most=999),
        "emoji": Text(most=8),
        "title": both(60),
        "description": both(200),
        "service_count": Whole(least=0, absent=True),  # Counted when the handbook is taken in.
    }
)

REPORT_CATEGORY = Fields(
    fields={
        "id": IDENTIFIER,
        "emoji": Text(most=8),
        "title": both(60),
        "default_kind": IDENTIFIER,
        "default_priority": IDENTIFIER,
        "location": choice("none", "optional", "required"),
        "photo": choice("none", "optional", "recommended"),
        "sensitive": Flag(),
        "competent": both(200),
        "question_hint": both(200),
        "urgent_note": both(200, nullable=True),
        "law": Items(of=Text(most=200), most=15),
        "near_m": Whole(absent=True, nullable=True, most=5_000),  # How close two reports of one thing stand.
        "approval": Flag(absent=True, nullable=True),  # Whether a second person reads answers before they go out.
    }
)

SETTLEMENT = Fields(
    fields={
        "ekatte": code(r"\d{5}"),
        "kind": choice("town", "village"),
        "name": both(60),
        "status_2014": choice("municipal_centre", "town_hall", "mayoral_deputy_or_none"),
    }
)
DEPARTMENT = Fields(
    fields={"bg": Text(most=120), "en": Text(most=120), "short": Items(of=Text(most=60), most=10)},
)
BOX = Fields(
    fields={
        "min_lon": Number(least=-180, most=180),
        "min_lat": Number(least=-90, most=90),
        "max_lon": Number(least=-180, most=180),
        "max_lat": Number(least=-90, most=90),
        "note": both(300),
    }
)
MUNICIPALITY = Fields(
    fields={
        "slug": Text(most=32, pattern=ID, advice=NO_ID),
        "name": both(60),
        "full_name": both(120),
        "district": both(60),
        "municipality_code": code(r"[A-Z]{3}\d\d"),
        "centre_ekatte": code(r"\d{5}"),
        "population": Fields(
            fields={"value": Whole(most=10_000_000), "year": Whole(least=1990, most=2100), "source": both(300)}
        ),
        "settlements": Items(of=SETTLEMENT, least=1, most=150),
        "town_halls_note": both(400),
        "centre": Fields(fields={"lat": Number(least=-90, most=90), "lon": Number(least=-180, most=180)}),
        "bbox": BOX,
        "website": Text(most=200, nullable=True, pattern=re.compile(r"https?://[^\s/?#]+\.[^\s]+"), advice=NO_ADDRESS),
        "address": both(200, nullable=True),
        "phone": Text(most=60, nullable=True, pattern=re.compile(r"[0-9+][0-9 +()/.,-]{4,}"), advice=NO_PHONE),
        "email": Text(most=120, nullable=True, pattern=re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+"), advice=NO_EMAIL),
        "time_zone": choice("Europe/Sofia"),
        "languages": Items(of=choice(*LANGUAGES), least=1, most=2, joined=", "),
        "department_names": Items(of=DEPARTMENT, most=60),
        "notes": both(600),
    }
)

CERTAINTY = choice("verified", "knowledge", "unverified")
COUNT = Whole(least=0, most=10_000, nullable=True)


def _term(**more: Kind) -> Fields:
    return Fields(
        fields={
            "days": COUNT,
            "unit": choice("calendar", "working"),
            "statutory": Flag(),
            "basis": both(400),
            "verification": CERTAINTY,
            **more,
        }
    )


def _rule(name: str) -> Fields:
    return Fields(fields={name: Flag(), "rule": both(500), "verification": CERTAINTY})


KIND = Fields(
    fields={
        "id": IDENTIFIER,
        "name": both(120),
        "description": both(500),
        "law": Items(of=Text(most=200), least=1, most=20),
        "acknowledge": _term(),
        "forward": _term(),
        "decide": _term(months=COUNT),
        "extension": Fields(
            fields={
                "days": COUNT,
                "months": COUNT,
                "max_total_months": Whole(absent=True, most=120),
                "by": both(400),
                "verification": CERTAINTY,
            }
        ),
        # What waiting for the citizen does to the term. Not given: nothing, the term runs on.
        "waiting": Fields(
            absent=True,
            nullable=True,
            fields={"effect": choice("none", "pause", "restart"), "basis": both(400), "verification": CERTAINTY},
        ),
        "anonymity": _rule("allowed"),
        "appeal": _rule("appealable"),
        "filing_channel": both(600),
        "bot_accepts": Flag(),
        "verification": Named(of=CERTAINTY, name=NAME, most=20),
        "notes": both(600),
    }
)
PRIORITY = Fields(
    fields={"id": IDENTIFIER, "label": both(80), "target_working_days": Whole(least=0, most=365, nullable=True)}
)
_NAMES = Items(of=Text(most=60, pattern=re.compile(r"[A-Za-z0-9_-]{2,60}"), advice=NO_CODE), most=20)
_RETENTION = Fields(fields={"what": Text(most=60), "days": COUNT, "status": Text(most=40)})
CASEWORK = Fields(
    fields={
        "schema_version": Whole(),
        "legend": Fields(fields=dict.fromkeys(("verified", "knowledge", "unverified"), both(200))),
        "counting": both(500),
        "kinds": Items(of=KIND, least=1, most=30),
        "priorities": Items(of=PRIORITY, least=1, most=10),
        "priorities_note": both(300),
        "identity": Fields(
            fields={"required_fields": _NAMES, "optional_fields": _NAMES, "never_ask": _NAMES, "text": both(600)}
        ),
        "privacy": Fields(
            fields={
                "basis": both(500),
                "retention": Items(of=_RETENTION, most=20),
                "rights": both(500),
                "note": both(500),
            }
        ),
    }
)

BANK = Fields(
    fields={language: Items(of=Text(most=300, least=2), most=500, absent=True) for language in PHRASE_LANGUAGES}
)
TOPICS = Named(of=BANK, least=1, most=200)
INTENTS = ("emergency", "not_emergency", "appeal", "whistleblowing", "smalltalk", "out_of_scope")
WORDS = Items(of=Text(most=60, pattern=re.compile(r"[^,;]+"), advice=NO_WORD), least=2, most=30, joined=", ")

PARTS: dict[str, Kind] = {
    "services": Items(of=SERVICE, least=1, most=1_000),
    "categories": Items(of=CATEGORY, least=1, most=60),
    "municipalities": Items(of=MUNICIPALITY, least=1, most=300),
    "complaint_categories": Items(of=REPORT_CATEGORY, least=1, most=100),
    "casework": CASEWORK,
    "phrases": Named(of=BANK, name=ANY, most=1_100),
    "intents": Fields(fields=dict.fromkeys(INTENTS, TOPICS)),
    "synonyms": Items(of=WORDS, most=2_000),
    "differences": Named(of=Named(of=Tree(), name=ANY, most=1_000), name=ANY, most=300),
}
KINDS_NEEDED = (
    "signal", "proposal", "service-complaint", "appeal", "question", "info-request", "data-request",
    "whistleblowing", "praise", "emergency",
)  # fmt: skip
PRIORITIES_NEEDED = ("urgent", "high", "normal", "low")
REPORTS_NEEDED = ("other",)  # Where everything goes that fits nowhere else.
