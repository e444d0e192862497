"""The handbook as a file: what is exported comes back unchanged, and no file can break the reading."""

import datetime as dt
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook, load_workbook

from storage.handbook import delivered
from storage.handbook_changes import changes
from storage.handbook_editions import Edition
from storage.handbook_files import FILE_BYTES, problems, read_file, write_file
from storage.handbook_tidy import tidy
from tests.handbook_samples import cell, small, spoilt

SINCE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
Spoil = Callable[[Workbook], Any]


@pytest.mark.parametrize("ending", ["json", "xlsx"])
@pytest.mark.parametrize("document", [delivered(), small()], ids=["delivered", "small"])
def test_what_is_exported_comes_back_unchanged(document: dict[str, Any], ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"handbook.{ending}"
    write_file(file, Edition(7, document, SINCE))
    given = read_file(file)
    assert problems(given) == []
    assert given.base == 7
    assert given.document == tidy(document)
    assert changes(tidy(document), given.document) == []


@pytest.mark.parametrize("start", ["=1+1", "+359", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "#N/A", "0012"])
def test_texts_that_look_like_formulas_stay_texts(start: str, tmp_path: Path) -> None:
    document = small()
    document["services"][0]["fee"] = {"bg": start, "en": f"{start}\n{start}"}
    file = tmp_path / "handbook.xlsx"
    write_file(file, Edition(1, document))
    written = cell(load_workbook(file), "Services", "fee.bg", 2)
    assert written.data_type == "s"
    assert written.quotePrefix == start.startswith(("=", "+", "-", "@"))
    assert read_file(file).document == document


def test_the_workbook_helps_to_edit(tmp_path: Path) -> None:
    file = tmp_path / "handbook.xlsx"
    write_file(file, Edition(3, small(), SINCE))
    book = load_workbook(file)
    assert book.sheetnames == ["About", "Services", "Differences", "Phrases", "Categories", "Reports", "Intents",
                               "Synonyms", "Municipalities", "Casework"]  # fmt: skip
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "B2"
        assert book[name]["A1"].comment is not None
    choices = {rule.formula1 for rule in book["Services"].data_validations.dataValidation}
    assert {'"high,medium,low"', "Categories!$A$2:$A$200"} <= choices
    assert [book["About"]["B1"].value, book["About"]["B2"].value] == [3, "2026-11-01"]


def _set(sheet: str, column: str, row: int, value: Any) -> Spoil:
    def spoil(book: Workbook) -> None:
        found = cell(book, sheet, column, row)
        found.value = value
        if isinstance(value, str) and not value.startswith("="):
            found.data_type = "s"

    return spoil


WRONG_CELLS = [
    ("Services", "fee.bg", 3, None, "Services row 3, fee.bg: This is missing."),
    ("Services", "id", 3, "property-sketch", "Services row 3, id: “property-sketch” stands here twice, first in Services 2."),  # noqa: E501
    ("Services", "term_days.ordinary", 3, "месец", "Services row 3, term_days.ordinary: This must be a whole number, not “месец”."),  # noqa: E501
    ("Services", "term_days.ordinary", 3, "=7+7", "Services row 3, term_days.ordinary: The cell holds a formula; write the text or number itself."),  # noqa: E501
    ("Services", "title.bg", 2, "#REF!", None),
    ("Services", "confidence", 2, "High", "Services row 2, confidence: “High” is not known: did you mean “high”?"),
    ("Services", "documents.en", 2, "One\nTwo", "Services row 2, documents: There are 5 documents in Bulgarian and 2 in English: the lists must correspond line by line."),  # noqa: E501
    ("Services", "documents.en", 2, "One\nTwo\nThree\nFour\n" + "x" * 301,
     "Services row 2, documents.en #5: The text has 301 characters; 300 are the most that fit."),
    ("Services", "related", 2, "building-permit, tree", "Services row 2, related #2: “tree” is not one of: building-permit, property-sketch, tree-cutting-ornamental."),  # noqa: E501
    ("Services", "checked_on", 2, dt.datetime(2026, 1, 2), "Services row 2, checked_on: “checked_on” and “checked_by” are given together or not at all."),  # noqa: E501, DTZ001
    ("Phrases", "id", 3, "sketch-property", "Phrases row 3, id: “sketch-property” is not one of: building-permit, property-sketch, report:accessibility, report:construction-waste, report:corruption, report:dangerous-building, report:delay, report:dust-air, report:green-areas, report:missing-information, report:noise, report:other, …."),  # noqa: E501
    ("Phrases", "language", 3, "de", "Phrases row 3, language: There is no field “de” here."),
    ("Phrases", "phrase", 3, "x", "Phrases row 3, phrase: The text has 1 characters; it needs at least 2."),
    ("Phrases", "phrase", 3, None, "Phrases row 3, phrase: This is missing."),
    ("Intents", "intent", 2, "emergensy", "Intents row 2, intent: There is no field “emergensy” here: did you mean “emergency”?"),  # noqa: E501
    ("Intents", "topic", 2, "Fire!", "Intents row 2, topic: “Fire!” is no id: 2 to 40 small Latin letters, digits and hyphens."),  # noqa: E501
    ("Synonyms", "words", 2, "скица", "Synonyms row 2, words: At least 2 are needed here; there are 1."),
    ("Reports", "sensitive", 2, "може би", "Reports row 2, sensitive: This must be true or false, not “може би”."),
    ("Municipalities", "centre.lat", 2, "север", "Municipalities row 2, centre.lat: This must be a number, not “север”."),  # noqa: E501
    ("Municipalities", "settlements", 2, "[{", "Municipalities row 2, settlements: This is no JSON (line 1, column 3): [{"),  # noqa: E501
    ("Casework", "value", 4, "{", "Casework row 4, value: This is no JSON (line 1, column 2): {"),
    ("Casework", "value", 4, "{}", "Casework row 4, value.bg: This is missing."),
    ("Differences", "municipality", 2, "montanna", "Differences row 2, municipality: “montanna” is not known: did you mean “montana”?"),  # noqa: E501
    ("Differences", "id", 2, "sketch", "Differences row 2, id: “sketch” is not one of: building-permit, property-sketch, tree-cutting-ornamental."),  # noqa: E501
    ("Differences", "field", 2, "fees", "Differences row 2, field: “fees” is no field in which a municipality can differ: did you mean “fee”?"),  # noqa: E501
    ("Differences", "field", 2, "category", "Differences row 2, field: “category” is no field in which a municipality can differ."),  # noqa: E501
    ("Differences", "field", 2, "fee", "Differences row 5, field: This difference stands here twice, first in row 2."),
    ("Differences", "value", 2, "7", "Differences row 2, value: For the field “documents” this cell stays empty: what differs stands in bg, en."),  # noqa: E501
    ("Differences", "value", 3, "пет", "Differences row 3, value: This must be a whole number, not “пет”."),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "column", "row", "value", "expected"), WRONG_CELLS)
def test_a_wrong_cell_is_named_by_sheet_row_and_column(
    sheet: str, column: str, row: int, value: Any, expected: str | None, tmp_path: Path
) -> None:
    _, wrong = spoilt(tmp_path / "a.xlsx", _set(sheet, column, row, value))
    assert (expected is None) if not wrong else (expected in [str(problem) for problem in wrong])


FORGIVEN = [
    ("Services", "term_days.ordinary", "7", ("services", 0, "term_days", "ordinary"), 7),
    ("Services", "term_days.ordinary", 7.0, ("services", 0, "term_days", "ordinary"), 7),
    ("Services", "term_days.ordinary", " 7,0 ", ("services", 0, "term_days", "ordinary"), 7),
    ("Services", "term_days.express", "  ", ("services", 0, "term_days", "express"), None),
    ("Services", "title.bg", "  Скица \n", ("services", 0, "title", "bg"), "Скица"),
    ("Services", "title.bg", "Скици\u0306 ", ("services", 0, "title", "bg"), "Скицй"),
    ("Services", "fee.bg", 5, ("services", 0, "fee", "bg"), "5"),
    ("Services", "fee.bg", 5.0, ("services", 0, "fee", "bg"), "5"),
    ("Services", "legal_basis", "ЗУТ\n\n ЗКИР _x000D_\n", ("services", 0, "legal_basis"), ["ЗУТ", "ЗКИР"]),
    ("Services", "related", "building-permit ; tree-cutting-ornamental,", ("services", 0, "related"),
     ["building-permit", "tree-cutting-ornamental"]),
    ("Reports", "sensitive", "да", ("complaint_categories", 0, "sensitive"), True),
    ("Municipalities", "centre.lat", "41,64", ("municipalities", 0, "centre", "lat"), 41.64),
    ("Municipalities", "phone", 748123456, ("municipalities", 0, "phone"), "748123456"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "column", "value", "path", "expected"), FORGIVEN)
def test_what_spreadsheets_do_to_values_is_understood(
    sheet: str, column: str, value: Any, path: tuple[Any, ...], expected: Any, tmp_path: Path
) -> None:
    given, wrong = spoilt(tmp_path / "a.xlsx", _set(sheet, column, 2, value))
    assert wrong == []
    found = given.document
    for step in path:
        found = found[step]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", ["31.01.2026", "31.1.2026 г.", "2026-01-31", dt.datetime(2026, 1, 31), dt.date(2026, 1, 31)])  # noqa: E501, DTZ001  # fmt: skip
def test_a_day_is_understood_however_it_is_typed(value: Any, tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        cell(book, "Services", "checked_on", 2).value = value
        cell(book, "Services", "checked_by", 2).value = "Ана"

    given, wrong = spoilt(tmp_path / "a.xlsx", spoil)
    assert wrong == []
    assert given.document["services"][0]["checked_on"] == "2026-01-31"


def _rename(sheet: str, column: str, name: str) -> Spoil:
    return _set(sheet, column, 1, name)


def _delete_column(book: Workbook) -> None:
    book["Services"].delete_cols(cell(book, "Services", "fee.bg", 1).column, 2)


BROKEN_SHEETS: list[tuple[Spoil, list[str]]] = [
    (lambda book: book.remove(book["Phrases"]), ["Phrases: The sheet is missing."]),
    (lambda book: book.remove(book["Categories"]), ["Categories: The sheet is missing."]),
    (lambda book: setattr(book["Synonyms"], "title", "Synonims"),
     ["Synonyms: The sheet is missing: was it renamed to “Synonims”?"]),
    (_rename("Services", "fee.bg", "fee bg"), ["Services, fee.bg: The column is missing: was it renamed to “fee bg”?"]),
    (_delete_column, ["Services, fee.bg: The column is missing.", "Services, fee.en: The column is missing."]),
    (_rename("Categories", "id", "code"), ["Categories: The row of headers is missing: it begins with “id”."]),
    (_rename("Phrases", "language", ""), ["Phrases, language: The column is missing."]),
    (_rename("Differences", "field", ""), ["Differences, field: The column is missing."]),
    (_rename("Casework", "value", ""), ["Casework, value: The column is missing."]),
    (_rename("Services", "fee.en", "fee.bg"),
     ["Services, fee.bg: There are two columns of this name.", "Services, fee.en: The column is missing."]),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "expected"), BROKEN_SHEETS)
def test_missing_sheets_and_columns_are_named_and_nothing_that_follows_from_them(
    spoil: Spoil, expected: list[str], tmp_path: Path
) -> None:
    _, wrong = spoilt(tmp_path / "a.xlsx", spoil)
    assert [str(problem) for problem in wrong] == expected


def _harmless(book: Workbook) -> None:
    page = book["Services"]
    page.insert_rows(3, amount=4)
    page.insert_rows(1)
    page["A1"] = "Услуги"
    page.insert_cols(2)
    page["B2"], page["B3"] = "моите бележки", "да се провери"
    page.cell(900, 40).value = " "
    book["Phrases"].title = "-"  # A name that differs in its case only would get a number.
    book["-"].title = "PHRASES"
    book["Categories"]["A1"].value = " ID "
    book.create_sheet("Бележки")["A1"] = "нещо мое"
    book.move_sheet("Casework", -9)


def test_extra_columns_rows_sheets_and_another_order_do_no_harm(tmp_path: Path) -> None:
    given, wrong = spoilt(tmp_path / "a.xlsx", _harmless)
    assert wrong == []
    assert given.document == small()


def test_rows_are_counted_as_the_spreadsheet_counts_them(tmp_path: Path) -> None:
    def spoil(book: Workbook) -> None:
        cell(book, "Services", "fee.bg", 4).value = None
        book["Services"].insert_rows(2, amount=3)

    _, wrong = spoilt(tmp_path / "a.xlsx", spoil)
    assert [str(problem) for problem in wrong] == ["Services row 7, fee.bg: This is missing."]


# --- Files that are no handbook ---


def _told(file: Path) -> list[str]:
    return [str(problem) for problem in problems(read_file(file))]


def _workbook_with(tmp_path: Path, name: str, content: str) -> Path:
    """A good workbook in which one of the packed files is another."""
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    write_file(good, Edition(1, small()))
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == name else old.read(entry))
    return bad


TOO_LARGE = "The file unpacks to more than 150 MB, which no handbook does."
NO_BOOK = "This is no .xlsx workbook, or it is damaged."
LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">{LOL}]><sst><si><t>&l9;</t></si></sst>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>'


@pytest.mark.parametrize("content", [BOMB, OUTSIDE, "<sst", ""])
@pytest.mark.parametrize("name", ["xl/styles.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml"])
def test_xml_bombs_and_damaged_workbooks_are_refused(name: str, content: str, tmp_path: Path) -> None:
    assert _told(_workbook_with(tmp_path, name, content)) == [NO_BOOK]


def test_openpyxl_parses_with_defusedxml() -> None:
    assert openpyxl.DEFUSEDXML


def _zip(*entries: tuple[str, bytes]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries:
            packed.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", NO_BOOK),
        (b"id,title\n1,2\n", NO_BOOK),
        (b"PK\x03\x04" + b"\0" * 100, NO_BOOK),
        (_zip(("hello.txt", b"hello")), NO_BOOK),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
         "The file has a password or is an old .xls. Save it as .xlsx without a password."),
        (_zip(("xl/workbook.xml", b"\0" * 160_000_000)), TOO_LARGE),
        (_zip(*((f"{n}.xml", b"") for n in range(1_001))), TOO_LARGE),
    ],
)  # fmt: skip
def test_a_file_that_is_no_workbook_is_refused_in_words(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    assert _told(file) == [expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "This is no JSON from line 1, column 1 on."),
        (b'{"services": [\n  {"id": 1,}\n]}', "This is no JSON from line 2, column 12 on."),
        ('{"services": "скица"}'.encode("cp1251"), "The file is not in UTF-8: byte 15 belongs to another encoding."),
        (b'{"services": NaN}', "NaN is no number that can be kept."),
        (b'{"phrases": {"a": {}, "a": {}}}', "The name “a” is given twice within one group; only one of the two would be kept."),  # noqa: E501
        (b'{"services": ' + b"9" * 5_000 + b"}", "… is no number that can be kept."),
        (b"[" * 100_000, "The brackets of this JSON are nested without end."),
        (b"[" * 300 + b"]" * 300, "This is no handbook: a group of parts like “services” and “categories” is needed."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_json_is_refused_in_words(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    assert expected in _told(file)


def test_a_mark_of_byte_order_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(small()), encoding="utf-8-sig")
    assert _told(file) == []


@pytest.mark.parametrize("ending", ["json", "xlsx"])
def test_a_huge_file_is_refused_by_its_size(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{ending}"
    with file.open("wb") as output:
        output.truncate(100_000_000)
    assert _told(file) == [
        f"The file has 100.0 MB; {FILE_BYTES // 1_000_000} MB are the most that a handbook may have."
    ]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert _told(tmp_path / "a.json") == ["The file cannot be read: No such file or directory."]
    (tmp_path / "b.json").mkdir()
    assert _told(tmp_path / "b.json") == ["The file cannot be read: Is a directory."]
