"""Scores the search on a file of questions, beside SQLite FTS5 and plain BM25, and times all of them.

    python bench/search.py [QUESTIONS] [--failures] [--no-peers]

QUESTIONS defaults to bench/questions.jsonl, the held-out set: for measuring, never for training. Tuning is done
on bench/questions-dev.jsonl. How an answer counts is written in the notes beside the held-out set.
"""

import argparse
import gc
import json
import re
import sqlite3
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storage.search import Engine, Understanding  # noqa: E402
from storage.search.bank import phrases as all_phrases  # noqa: E402

CONTENT = ROOT / "storage" / "content"
CARDS = ("service", "report")
Question = dict[str, Any]
Ranker = Callable[[str], list[str]]


def handbook(content: Path = CONTENT) -> dict[str, Any]:
    """Read the content as an edition of the handbook: services, categories, phrases, intents, synonyms."""
    services = json.loads((content / "services.json").read_bytes())
    categories = json.loads((content / "casework.json").read_bytes())["complaint_categories"]
    names = {service["id"]: service["id"] for service in services}
    for category in categories:  # The files may name a category with or without what it is.
        names[category["id"]] = names[f"report:{category['id']}"] = f"report:{category['id']}"
    phrases: dict[str, Any] = {}
    intents: dict[str, Any] = {}
    for file in sorted((content / "phrases").glob("*.json")):
        for name, said in json.loads(file.read_bytes()).items():
            if name == "intents":
                intents.update(said)
            else:
                (phrases if name in names else intents)[names.get(name, name)] = said
    synonyms = content / "synonyms.json"
    return {
        "services": services,
        "complaint_categories": categories,
        "phrases": phrases,
        "intents": intents,
        "synonyms": json.loads(synonyms.read_bytes()) if synonyms.exists() else [],
        "municipalities": json.loads((content / "municipalities.json").read_bytes()),
    }


def questions(file: Path) -> list[Question]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def right_intent(question: Question, intent: str) -> bool:
    """Tell whether the intent is right; a card of the other kind counts where the answer key accepts one."""
    if intent == question["intent"]:
        return True
    if question["intent"] not in CARDS or intent not in CARDS:
        return False
    return any(name.startswith("report:") == (intent == "report") for name in question["accept"])


def hits(question: Question, ids: Sequence[str]) -> tuple[bool, bool, bool]:
    """Return hit@1, hit@3 and strict hit@1."""
    accept = set(question["accept"])
    return bool(accept & set(ids[:1])), bool(accept & set(ids[:3])), ids[:1] == [question["best"]]


def share(count: float, total: float) -> str:
    return f"{count / total:.3f}" if total else "–"


def table(header: str, rows: Sequence[Sequence[Any]]) -> None:
    print(f"| {header} |\n|{' --- |' * len(header.split('|'))}")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def by_group(scored: list[tuple[Question, tuple[bool, bool, bool]]], key: str) -> list[list[Any]]:
    groups: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for question, hit in scored:
        groups["all"].append(hit)
        groups[question[key]].append(hit)
    return [
        [name, len(of), *(share(sum(column), len(of)) for column in zip(*of, strict=True))]
        for name, of in groups.items()
    ]


def print_cards(asked: list[Question], said: list[Understanding]) -> None:
    """Print service and report figures by script and style."""
    for intent in CARDS:
        scored = [
            (question, hits(question, [hit.id for hit in answer.hits]))
            for question, answer in zip(asked, said, strict=True)
            if question["intent"] == intent
        ]
        for key in ("script", "style"):
            print(f"### {intent} by {key}\n")
            table(f"{key} | questions | hit@1 | hit@3 | strict hit@1", by_group(scored, key))


def print_intents(asked: list[Question], said: list[Understanding]) -> None:
    confusion: Counter[tuple[str, str]] = Counter()
    for question, answer in zip(asked, said, strict=True):
        right = right_intent(question, answer.intent)
        confusion[question["intent"], question["intent"] if right else answer.intent] += 1
    names = sorted({name for pair in confusion for name in pair})
    print("### Intents\n")
    rows = []
    for name in names:
        total = sum(confusion[name, other] for other in names)
        rows.append(
            [name, total, share(confusion[name, name], total), *(confusion[name, other] or "·" for other in names)]
        )
    table("asked for | questions | right | " + " | ".join(f"→ {name}" for name in names), rows)


def print_safety(asked: list[Question], said: list[Understanding]) -> None:
    """Print missed and false emergencies, and answers given with confidence that should not have been."""
    pairs = list(zip(asked, said, strict=True))
    missed = [q["q"] for q, a in pairs if q["intent"] == "emergency" != a.intent]
    false = [q["q"] for q, a in pairs if q["intent"] != "emergency" == a.intent]
    other = sum(q["intent"] != "emergency" for q in asked)
    beside = [(q, a) for q, a in pairs if q["intent"] in ("smalltalk", "out_of_scope")]
    wrong = [q["q"] for q, a in beside if a.confident and a.intent in CARDS]
    sure = [(q, a) for q, a in pairs if q["intent"] in CARDS and a.confident and a.intent in CARDS]
    right = sum(hits(q, [hit.id for hit in a.hits])[0] for q, a in sure)
    asked_cards = sum(q["intent"] in CARDS for q in asked)
    print("### Emergency and confidence\n")
    rows = [
        ["emergencies missed", len(missed), sum(q["intent"] == "emergency" for q in asked)],
        ["false emergencies", len(false), other],
        ["out of scope or small talk answered with a confident card", len(wrong), len(beside)],
        ["service and report questions answered with confidence", len(sure), asked_cards],
        ["… of these right at once", right, len(sure)],
    ]
    table("what | number | of | share", [[*row, share(row[1], row[2])] for row in rows])
    for title, listed in (("missed emergency", missed), ("false emergency", false)):
        for one in listed:
            print(f"- {title}: {one}")
    print()


def simple_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def documents(edition: Mapping[str, Any], with_phrases: bool) -> dict[str, str]:
    """Return one text for each card, for the peers."""
    parts: dict[str, list[str]] = defaultdict(list)
    cards = {**edition, "intents": {}, "phrases": edition["phrases"] if with_phrases else {}}
    for phrase in all_phrases(cards):
        parts[phrase.name].append(phrase.text)
    return {name: "\n".join(texts) for name, texts in parts.items()}


def fts5(texts: Mapping[str, str]) -> Ranker:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE cards USING fts5(id UNINDEXED, body, tokenize = 'unicode61 remove_diacritics 2')")
    db.executemany("INSERT INTO cards VALUES (?, ?)", texts.items())

    def rank(question: str) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in simple_words(question))
        rows = db.execute("SELECT id FROM cards WHERE cards MATCH ? ORDER BY bm25(cards) LIMIT 8", (query or '""',))
        return [row[0] for row in rows]

    return rank


def bm25(texts: Mapping[str, str]) -> Ranker:
    from rank_bm25 import BM25Okapi

    names = list(texts)
    model = BM25Okapi([simple_words(text) for text in texts.values()])

    def rank(question: str) -> list[str]:
        scores = model.get_scores(simple_words(question))
        return [names[place] for place in sorted(range(len(names)), key=lambda n: -scores[n])[:8] if scores[place] > 0]

    return rank


def peers(edition: Mapping[str, Any]) -> Iterator[tuple[str, Ranker]]:
    for with_phrases in (False, True):
        texts = documents(edition, with_phrases)
        what = "cards and phrases" if with_phrases else "cards"
        yield f"SQLite FTS5, {what}", fts5(texts)
        yield f"BM25 (rank-bm25), {what}", bm25(texts)


def timed(ask: Callable[[str], Any], asked: list[Question]) -> tuple[list[Any], list[float]]:
    """Return answers and milliseconds of processor time, which neighbours on the machine disturb least."""
    answers, took = [], []
    for question in asked:
        began = time.thread_time()
        answers.append(ask(question["q"]))
        took.append((time.thread_time() - began) * 1_000)
    return answers, took


def times(took: list[float]) -> list[str]:
    ordered = sorted(took)
    return [
        f"{statistics.fmean(took):.3f}",
        f"{statistics.median(took):.3f}",
        f"{ordered[int(len(ordered) * 0.99)]:.3f}",
    ]


def card_figures(asked: list[Question], ids: list[list[str]]) -> list[str]:
    figures = []
    for intent in CARDS:
        of = [hits(q, found)[:2] for q, found in zip(asked, ids, strict=True) if q["intent"] == intent]
        figures += [share(sum(one), len(of)) for one in (tuple(h[0] for h in of), tuple(h[1] for h in of))]
    return figures


def print_peers(edition: Mapping[str, Any], engine: Engine, asked: list[Question], cold: list[float]) -> None:
    answers, warm = timed(engine.understand, asked)
    ours = card_figures(asked, [[hit.id for hit in answer.hits] for answer in answers])
    rows = [["Gishe, first time", *ours, *times(cold)], ["Gishe, words seen before", *ours, *times(warm)]]
    for name, rank in peers(edition):
        found, took = timed(rank, asked)
        rows.append([name, *card_figures(asked, found), *times(took)])
    print("### Beside peers\n")
    table("engine | service hit@1 | hit@3 | report hit@1 | hit@3 | mean ms (processor) | p50 | p99", rows)


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1_024
    return 0.0


def print_failures(asked: list[Question], said: list[Understanding]) -> None:
    print("### Failures\n")
    for question, answer in zip(asked, said, strict=True):
        ids = [hit.id for hit in answer.hits]
        beside = question["intent"] in ("smalltalk", "out_of_scope") and answer.confident and answer.intent in CARDS
        missed = question["intent"] in CARDS and not hits(question, ids)[0]
        if beside or missed or not right_intent(question, answer.intent):
            found = ", ".join(f"{hit.id} {hit.score:.2f} ({' · '.join(hit.why)})" for hit in answer.hits[:3])
            wanted = ", ".join(question["accept"][:3])
            print(f"- {question['q']}\n  - wanted {question['intent']}: {wanted}\n  - got {answer.intent}: {found}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", nargs="?", type=Path, default=ROOT / "bench" / "questions.jsonl")
    parser.add_argument("--failures", action="store_true", help="list every question that went wrong")
    parser.add_argument("--no-peers", action="store_true", help="only our own engine")
    chosen = parser.parse_args()
    if not chosen.questions.exists():
        print(f"{chosen.questions} is missing: name a file of questions (JSON lines).", file=sys.stderr)
        return 1
    asked, edition = questions(chosen.questions), handbook()
    gc.collect()
    before, began = resident_mb(), time.thread_time()
    engine = Engine(edition)
    built = time.thread_time() - began
    gc.collect()
    grown = resident_mb() - before
    said, cold = timed(engine.understand, asked)
    print(f"## {chosen.questions.name}: {len(asked)} questions\n")
    count = sum(1 for _ in all_phrases(edition))
    print(
        f"Index: {count} phrases and texts, built in {built:.2f} s of processor time, {grown:.1f} MB resident; ", end=""
    )
    print(f"{resident_mb() - before:.1f} MB after the questions.\n")
    print_cards(asked, said)
    print_intents(asked, said)
    print_safety(asked, said)
    if not chosen.no_peers:
        print_peers(edition, engine, asked, cold)
    if chosen.failures:
        print_failures(asked, said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
