"""The engine understands questions: intents, cards, confidence; and nothing a person sends makes it fall."""

import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import workshop
from storage.search import Engine, Understanding

ROOT = Path(__file__).resolve().parent.parent


def _bench() -> ModuleType:
    """Load bench/search.py, which knows how to read the content and to score."""
    spec = importlib.util.spec_from_file_location("bench_search", ROOT / "bench" / "search.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_search"] = module
    spec.loader.exec_module(module)
    return module


BENCH = _bench()


@pytest.fixture(scope="module")
def edition() -> dict[str, Any]:
    found: dict[str, Any] = BENCH.handbook()
    return found


@pytest.fixture(scope="module")
def engine(edition: dict[str, Any]) -> Engine:
    return Engine(edition)


CARDS = [
    ("Искам скица на имота си", "property-sketch"),
    ("kakvo mi trqbva za razreshenie za stroej", "building-permit"),
    ("razre6enie za stroej", "building-permit"),
    ("Какви документи са нужни за карта за паркиране на човек с увреждане?", "parking-card-disability"),
    ("карта за паркиране инвалид", "parking-card-disability"),
    ("как да сложа ограда към улицата", "fence-permit"),
    ("building permit", "building-permit"),
    ("I want to put solar panels on my roof", "rooftop-solar"),
    ("изхвърляне на стари мебели", "bulky-waste"),
    ("виза за проектиране", "design-visa"),
    ("наем на общински имот", "property-rent"),
    ("позволително за билки", "medicinal-plants-permit"),
]
REPORTS = [
    ("дупка на пътя пред блока", "report:pothole"),
    ("ne sveti lampata na ulicata", "report:street-lighting"),
    ("глутница бездомни кучета в квартала", "report:stray-dogs"),
    ("служителката на гишето беше много груба с мен", "report:rude-conduct"),
    ("loud music from the bar every night", "report:noise"),
]


@pytest.mark.parametrize(("question", "card"), CARDS)
def test_services_are_found(engine: Engine, question: str, card: str) -> None:
    answer = engine.understand(question)
    assert (answer.intent, answer.hits[0].id) == ("service", card)


@pytest.mark.parametrize(("question", "category"), REPORTS)
def test_reports_are_found(engine: Engine, question: str, category: str) -> None:
    answer = engine.understand(question)
    assert (answer.intent, answer.hits[0].id) == ("report", category)


@pytest.mark.parametrize(
    ("question", "intent", "topic"),
    [
        ("здравейте", "smalltalk", "greeting"),
        ("zdraveite", "smalltalk", "greeting"),
        ("hello", "smalltalk", "greeting"),
        ("благодаря ви много", "smalltalk", "thanks"),
        ("ти робот ли си", "smalltalk", "robot"),
        ("👋", "smalltalk", "greeting"),
        ("пожар!", "emergency", "fire"),
        ("мирише на газ в целия вход", "emergency", "gas"),
        ("gori kashtata na saseda pomosht", "emergency", "fire"),
        ("човек лежи на улицата в безсъзнание", "emergency", None),
        ("there is a man drowning in the reservoir", "emergency", "drowning"),
        ("искам да обжалвам отказ за разрешение за строеж", "appeal", None),
        ("как се подава сигнал за нарушение по ЗЗЛПСПОИН", "whistleblowing", None),
    ],
)
def test_intents_are_told_apart(engine: Engine, question: str, intent: str, topic: str | None) -> None:
    answer = engine.understand(question)
    assert answer.intent == intent
    assert topic in (None, answer.topic)


@pytest.mark.parametrize(
    "question",
    [
        "не гори лампата пред входа", "удостоверение за изгоряла къща", "пожарна безопасност на магазина",
        "разрешение за газова инсталация",
        "искам да падне глобата", "documents after a fire in my house last year",
        "кога ще асфалтирате, умираме от прах",
    ],
)  # fmt: skip
def test_calm_questions_are_no_emergency(engine: Engine, question: str) -> None:
    assert engine.understand(question).intent != "emergency"


@pytest.mark.parametrize(
    "question", ["как да сготвя мусака", "кой спечели мача снощи", "what is the weather tomorrow", "zdraveite"]
)
def test_nothing_is_claimed_beside_the_subject(engine: Engine, question: str) -> None:
    answer = engine.understand(question)
    assert not (answer.confident and answer.intent in ("service", "report"))


def test_a_greeting_before_a_question_is_passed_over(engine: Engine) -> None:
    answer = engine.understand("Здравейте, искам да попитам как се вади скица на имот. Благодаря!")
    assert (answer.intent, answer.hits[0].id) == ("service", "property-sketch")


def test_the_place_is_no_topic(engine: Engine) -> None:
    plain, placed = engine.understand("разрешение за строеж"), engine.understand("разрешение за строеж в Белене")
    assert plain.hits[0].id == placed.hits[0].id == "building-permit"


@pytest.mark.parametrize(
    ("question", "script", "language"),
    [
        ("скица на имот", "cyr", "bg"),
        ("skica na imot", "latn-bg", "bg"),
        ("I need a sketch of my property", "en", "en"),
        ("building permit", "en", "en"),
        ("razreshenie za stroej", "latn-bg", "bg"),
        ("", "cyr", "bg"),
    ],
)
def test_language_is_recognised(engine: Engine, question: str, script: str, language: str) -> None:
    answer = engine.understand(question)
    assert (answer.script, answer.language) == (script, language)


def test_a_hit_says_why(engine: Engine) -> None:
    hits = engine.understand("искам скица за имота на баба").hits
    assert "скица" in hits[0].why
    assert len(hits) >= 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize("question", ["скица", "разрешение", "permit", "дупка", "боклук", "здравейте", "дърво"])
def test_three_cards_are_offered_where_anything_fits(engine: Engine, question: str) -> None:
    assert len(engine.understand(question).hits) >= 3


HOSTILE = [
    "", " ", "\x00", "😀" * 500, "🔥", "\u202e\u200b\u200d", "а" * 100_000, "скица " * 20_000, "\ud800\udfff",
    "'; DROP TABLE cases; --", "%s%n{}{0}",
    "<script>alert(1)</script>", "[" * 5_000, "1" * 100_000, "١٢٣ مرحبا", "你好，我要一张图", "ﷺ" * 5_000,
    "yujxcsh" * 20_000, "\n\t" * 50_000 + "скица",
    " ".join(f"невидима{n}дума" for n in range(9_000)), "?" * 100, "-", "4 6 4 6", "q w 4 6", "İ" * 300, "́" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_messages_are_borne_quickly(engine: Engine, question: str) -> None:
    began = time.perf_counter()
    answer = engine.understand(question)
    assert time.perf_counter() - began < 0.5  # Milliseconds on an idle machine.
    assert isinstance(answer, Understanding)


def test_an_invisible_beginning_hides_nothing(engine: Engine) -> None:
    assert engine.understand("\n\t" * 50_000 + "скица на имот").hits[0].id == "property-sketch"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_understood_somehow(engine: Engine, question: str) -> None:
    answer = engine.understand(question)
    assert answer == engine.understand(question)
    assert answer.intent in {"service", "report", "emergency", "appeal", "whistleblowing", "smalltalk", "out_of_scope"}
    assert len({hit.id for hit in answer.hits}) == len(answer.hits)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["искам", "skica", "за", "permit", "пожар", "дупка", "hello", "4ovek", "общината", "16", "😀"]),
        max_size=60,
    )
)
def test_any_mixture_of_words_is_understood_somehow(engine: Engine, words: list[str]) -> None:
    answer = engine.understand(" ".join(words))
    assert all(0 <= hit.score <= 1 for hit in answer.hits)
    assert answer.language in ("bg", "en")


@pytest.mark.parametrize(
    "handbook",
    [{}, {"services": [], "phrases": {"gone": {"bg": ["нищо"]}}}, {"intents": {"smalltalk": {"bg": ["здравей"]}}}],
)
def test_a_poor_handbook_is_no_error(handbook: dict[str, Any]) -> None:
    assert Engine(handbook).understand("скица на имот").intent in ("out_of_scope", "smalltalk")


def test_phrases_of_a_card_that_is_gone_are_passed_over(edition: dict[str, Any]) -> None:
    less = {**edition, "services": [one for one in edition["services"] if one["id"] != "property-sketch"]}
    assert all(hit.id != "property-sketch" for hit in Engine(less).understand("скица на имот").hits)


def test_development_questions_stay_understood(engine: Engine) -> None:
    """Floors a little below what is reached today; the held-out set is for bench/search.py alone."""
    asked = BENCH.questions(ROOT / "bench" / "questions-dev.jsonl")
    said = [engine.understand(question["q"]) for question in asked]
    for intent, floors in FLOORS.items():
        scored = [
            BENCH.hits(q, [hit.id for hit in a.hits]) for q, a in zip(asked, said, strict=True) if q["intent"] == intent
        ]
        for place, floor in enumerate(floors):
            assert sum(hit[place] for hit in scored) / len(scored) >= floor, (intent, place)
    pairs = list(zip(asked, said, strict=True))
    assert not [q["q"] for q, a in pairs if q["intent"] == "emergency" != a.intent]
    assert sum(q["intent"] != "emergency" == a.intent for q, a in pairs) <= 0.01 * len(asked)
    beside = [a.confident and a.intent in BENCH.CARDS for q, a in pairs if q["intent"] in ("smalltalk", "out_of_scope")]
    assert sum(beside) <= 0.05 * len(beside)


FLOORS = {"service": (0.93, 0.97), "report": (0.92, 0.97)}


@pytest.mark.parametrize(
    ("question", "card"),
    [
        ("скица", "property-sketch"),
        ("skica", "property-sketch"),
        ("какви документи трябват за разрешение за строеж", "building-permit"),
        ("kakvi dokumenti trqbvat za razreshenie za stroej", "building-permit"),
        ("колко е таксата за виза за проектиране", "design-visa"),
    ],
)
def test_the_name_of_a_card_and_asking_words_mean_that_card(engine: Engine, question: str, card: str) -> None:
    found = engine.understand(question)
    assert found.hits[0].id == card
    assert found.confident


@pytest.mark.parametrize("question", ["удостоверение", "документи", "такса", "разрешение", "план"])
def test_one_vague_word_of_the_counter_is_asked_back_not_turned_away(engine: Engine, question: str) -> None:
    found = engine.understand(question)
    assert found.intent in ("service", "report")
    assert not found.confident
    assert len(found.hits) >= 3


async def test_an_engine_built_in_another_process_knows_the_same(engine: Engine, edition: dict[str, Any]) -> None:
    """The product takes its engine from the workshop; a process has its own hashes of texts."""
    elsewhere = await workshop.built(json.dumps(edition))
    for question in (*(question for question, _ in CARDS), "разрешнеие за стрйеж", "уличното осветленеи", "rzreshenie"):
        assert elsewhere.understand(question) == engine.understand(question), question
    assert elsewhere.understand("искам разрешнеие за стрйеж").hits[0].id == "building-permit"
