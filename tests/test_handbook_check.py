"""What is wrong with a handbook is named with its row and field, all of it at once."""

from datetime import date
from typing import Any

import pytest

from storage.handbook import delivered
from storage.handbook_check import check
from tests.handbook_samples import small

TODAY = date(2026, 11, 24)
SKETCH = "services[0] property-sketch"
DIFFERING = "differences montana"


def put(document: Any, path: str, value: Any) -> None:
    *above, last = path.split("/")
    for step in above:
        document = document[int(step) if isinstance(document, list) else step]
    if isinstance(document, list):
        document[int(last)] = value
    elif value is KeyError:
        del document[last]
    else:
        document[last] = value


def told(document: Any) -> list[str]:
    return [str(problem) for problem in check(document, today=TODAY)]


def test_delivered_handbook_is_in_order() -> None:
    assert told(delivered()) == []
    assert told(small()) == []


WRONG: list[tuple[str, Any, str]] = [
    # path, what is put there, what is told
    ("services/0/title", KeyError, f"{SKETCH}, title: This is missing."),
    ("services/0/title/en", "", f"{SKETCH}, title.en: This is missing."),
    ("services/0/title/en", "   ", f"{SKETCH}, title.en: This is missing."),
    ("services/0/title/en", 7, f"{SKETCH}, title.en: This must be text, not “7”."),
    ("services/0/title/bg", "Щ" * 121, f"{SKETCH}, title.bg: The text has 121 characters; 120 are the most that fit."),
    ("services/0/title/bg", "Ски\nца", f"{SKETCH}, title.bg: This must be one line."),
    ("services/0/title/bg", "Ски\u202eца",
     f"{SKETCH}, title.bg: Character 4 is an invisible or control character (U+202E). Type the text anew."),
    ("services/0/fee/bg", "5\x07 €",
     f"{SKETCH}, fee.bg: Character 2 is an invisible or control character (U+0007). Type the text anew."),
    ("services/0/fee/bg", "5\ud800",
     f"{SKETCH}, fee.bg: Character 2 is an invisible or control character (U+D800). Type the text anew."),
    ("services/0/summary", "Скица", f"{SKETCH}, summary: This must be a group of fields, not “Скица”."),
    ("services/0/sumary", {"bg": "а", "en": "a"},
     f"{SKETCH}, sumary: There is no field “sumary” here: did you mean “summary”?"),
    ("services/0/zzz", 1, f"{SKETCH}, zzz: There is no field “zzz” here."),
    ("services/0/term_days/ordinary", 0, f"{SKETCH}, term_days.ordinary: 0 is not between 1 and 3650."),
    ("services/0/term_days/ordinary", -3, f"{SKETCH}, term_days.ordinary: -3 is not between 1 and 3650."),
    ("services/0/term_days/ordinary", 2.5, f"{SKETCH}, term_days.ordinary: This must be a whole number, not “2.5”."),
    ("services/0/term_days/ordinary", True, f"{SKETCH}, term_days.ordinary: This must be a whole number, not “True”."),
    ("services/0/term_days/express", 30,
     f"{SKETCH}, term_days.express: The quicker service takes 30 days and “fast” only 3."),
    ("services/0/term_days/note/en", None, f"{SKETCH}, term_days.note.en: This is missing."),
    ("services/0/confidence", "hihg", f"{SKETCH}, confidence: “hihg” is not known: did you mean “high”?"),
    ("services/0/confidence", "sure", f"{SKETCH}, confidence: “sure” is not one of: high, low, medium."),
    ("services/0/checked_by", "Ана", f"{SKETCH}, checked_by: “checked_by” and “checked_on” are given together or not at all."),  # noqa: E501
    ("services/0/checked_on", "2026-11-01", f"{SKETCH}, checked_on: “checked_on” and “checked_by” are given together or not at all."),  # noqa: E501
    ("services/0/checked_on", "2026-02-30", f"{SKETCH}, checked_on: This must be a date like 2026-01-31, not “2026-02-30”."),  # noqa: E501
    ("services/0/checked_on", "2026-11-25", f"{SKETCH}, checked_on: 2026-11-25 lies in the future."),
    ("services/0/legal_basis", [], f"{SKETCH}, legal_basis: At least 1 are needed here; there are 0."),
    ("services/0/legal_basis", "ЗУТ", f"{SKETCH}, legal_basis: This must be a list, not “ЗУТ”."),
    ("services/0/documents/en", ["Application"],
     f"{SKETCH}, documents: There are 5 documents in Bulgarian and 1 in English: the lists must correspond line by line."),  # noqa: E501
    ("services/0/documents/bg/3", "Заявление по образец", f"{SKETCH}, documents.bg[3]: “Заявление по образец” stands here twice."),  # noqa: E501
    ("services/0/documents/bg/3", "", f"{SKETCH}, documents.bg[3]: This is missing."),
    ("services/0/id", "property_sketch",
     "services[0] property_sketch, id: “property_sketch” is no id: 2 to 40 small Latin letters, digits and hyphens."),
    ("services/0/id", "building-permit", "services[1] building-permit, id: “building-permit” stands here twice, first in services[0] building-permit."),  # noqa: E501
    ("services/0/category", "cadaster-sketches",
     f"{SKETCH}, category: “cadaster-sketches” is not known: did you mean “cadastre-sketches”?"),
    ("services/0/related", ["building-permitt"],
     f"{SKETCH}, related[0]: “building-permitt” is not known: did you mean “building-permit”?"),
    ("services/0/related", ["property-sketch"], f"{SKETCH}, related[0]: A card is not related to itself."),
    ("services/0", "скица", "services[0]: This must be a group of fields, not “скица”."),
    ("categories", KeyError, "categories: This is missing."),
    ("services", {}, "services: This must be a list, not “{}”."),
    ("servises", [], "servises: There is no field “servises” here: did you mean “services”?"),
    ("phrases/propertysketch", {"bg": ["скица"]},
     "phrases propertysketch: “propertysketch” is not known: did you mean “property-sketch”?"),
    ("phrases/property-sketch/de", ["Skizze"], "phrases property-sketch, de: There is no field “de” here."),
    ("phrases/property-sketch/bg/1", "x", "phrases property-sketch, bg[1]: The text has 1 characters; it needs at least 2."),  # noqa: E501
    ("phrases/property-sketch/bg/1", "x" * 301,
     "phrases property-sketch, bg[1]: The text has 301 characters; 300 are the most that fit."),
    ("intents/appeal", KeyError, "intents appeal: This is missing."),
    ("intents/appeal", {}, "intents appeal: At least 1 are needed here; there are 0."),
    ("intents/appeal", {"refusal": {"bg": ["отказ"]}},
     "intents appeal: There is not one phrase in this language: en."),
    ("intents/apeal", {}, "intents apeal: There is no field “apeal” here: did you mean “appeal”?"),
    ("complaint_categories/3/default_kind", "signall",
     "complaint_categories[3] corruption, default_kind: “signall” is not known: did you mean “signal”?"),
    ("complaint_categories/3/sensitive", "no",
     "complaint_categories[3] corruption, sensitive: This must be true or false, not “no”."),
    ("complaint_categories/18/id", "rest", "complaint_categories: “other” is missing here: the program relies on it."),
    ("casework/kinds/0/id", "signals", "casework, kinds: “signal” is missing here: the program relies on it."),
    ("casework/kinds/0/decide/verification", "sure",
     "casework, kinds[0].decide.verification: “sure” is not one of: knowledge, unverified, verified."),
    ("municipalities/1/website", "montana.bg",
     "municipalities[1] montana, website: “montana.bg” is no web address: it begins with https:// and has no spaces."),
    ("municipalities/1/centre/lat", 143.0, "municipalities[1] montana, centre.lat: 143.0 is not between -90 and 90."),
    ("municipalities/1/bbox/min_lat", 50.0, "municipalities[1] montana, bbox.max_lat: The limits are the wrong way round."),  # noqa: E501
    ("municipalities/1/settlements/2/ekatte", "48489",
     "municipalities[1] montana, settlements[2].ekatte: “48489” stands here twice."),
    ("synonyms/0", ["скица"], "synonyms[0]: At least 2 are needed here; there are 1."),
    ("differences/montanna", {}, "differences montanna: “montanna” is not known: did you mean “montana”?"),
    ("differences/montana/building-permitt", {"fee": {}},
     f"{DIFFERING}, building-permitt: “building-permitt” is not known: did you mean “building-permit”?"),
    ("differences/montana/property-sketch/fees", 1,
     f"{DIFFERING}, property-sketch.fees: There is no field “fees” here: did you mean “fee”?"),
    ("differences/montana/property-sketch/category", "waste",
     f"{DIFFERING}, property-sketch.category: “category” is the same in all municipalities and cannot differ."),
    ("differences/montana/property-sketch/term_days/fast", "3",
     f"{DIFFERING}, property-sketch.term_days.fast: This must be a whole number, not “3”."),
    ("differences/montana/property-sketch/term_days/ordinary", 2,
     f"{DIFFERING}, property-sketch.term_days.fast: The quicker service takes 3 days and “ordinary” only 2."),
    ("differences/montana/property-sketch/documents/bg", ["а", "б"],
     f"{DIFFERING}, property-sketch.documents: There are 2 documents in Bulgarian and 1 in English: the lists must correspond line by line."),  # noqa: E501
    ("differences/montana/property-sketch/checked_on", None,
     f"{DIFFERING}, property-sketch.checked_by: “checked_by” and “checked_on” are given together or not at all."),
    ("differences/montana/building-permit", "х",
     f"{DIFFERING}, building-permit: This must be a group of fields, not “х”."),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected"), WRONG, ids=[f"{row[0]}-{n}" for n, row in enumerate(WRONG)])
def test_what_is_wrong_is_named_with_its_place(path: str, value: Any, expected: str) -> None:
    document = small()
    put(document, path, value)
    assert expected in told(document)


@pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"services": None}])
def test_what_is_no_handbook_is_told_so(document: Any) -> None:
    assert told(document)


def test_nothing_stops_at_the_first_problem() -> None:
    document = small()
    for path, value in (("services/0/fee/en", ""), ("services/2/confidence", "x"), ("synonyms/1", 3)):
        put(document, path, value)
    assert len(told(document)) == 3


def test_a_missing_part_is_told_once_and_not_for_every_reference() -> None:
    document = small()
    del document["categories"], document["municipalities"]
    assert told(document) == ["categories: This is missing.", "municipalities: This is missing."]


def test_what_a_common_card_lacks_is_not_told_again_for_each_municipality() -> None:
    document = small()
    document["services"][0]["documents"]["en"] = []
    document["differences"]["montana"]["property-sketch"] = {"fee": {"bg": "6 €"}}
    assert {text.split(",")[0] for text in told(document)} == {SKETCH}


def test_a_tree_without_end_is_refused() -> None:
    document = small()
    below: Any = document["services"][0]
    for _ in range(5_000):
        below["related"] = [{}]
        below = below["related"][0]
    assert told(document) == ["The document is nested deeper than 12 levels."]


def test_messages_cannot_command_a_terminal() -> None:
    document = small()
    document["services"][0]["\x1b[31mred"] = 1
    document["phrases"]["\x1b]0;title\x07"] = {}
    assert not any("\x1b" in text or "\x07" in text for text in told(document))
