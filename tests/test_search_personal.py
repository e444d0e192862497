"""Personal data is found and masked; what only looks like it stays."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.personal import mask, mask_contacts, personal_data


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("егн 7523169263", "егн [ЕГН]"),
        ("ЕГН: 752316 9263, тел. 0888123456", "ЕГН: [ЕГН], тел. 0888123456"),
        ("egn:7523169263.", "egn:[ЕГН]."),
        ("аз съм 7523169263 и питам", "аз съм [ЕГН] и питам"),
        ("BG80 BNBG 9661 1020 3456 78 ми е сметката", "[IBAN] ми е сметката"),
        ("bg80bnbg96611020345678", "[IBAN]"),
        ("карта 4111 1111 1111 1111", "карта [карта]"),
        ("4111-1111-1111-1111", "[карта]"),
        ("4111111111111111", "[карта]"),
        ("7523169263 4111111111111111", "[ЕГН] [карта]"),
    ],
)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "имот 48489.12.345", "поземлен имот с идентификатор 48489.12.345.1.2", "MON-2026-000123-K",
        "+359 88 812 3456", "0888 123 456",
        "0888123456", "00359888123456", "вх. № 94-00-1234/01.02.2026", "7523169264", "BG80BNBG96611020345679",
        "4111111111111112",
        "акт 16", "12345678901234567890123", "10.10.2026 от 10:30", "", "ЕГН", "кв. 12, УПИ IV-345",
    ],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("тел. 0888 123 456, вечер", "тел. [телефон], вечер"),
        ("+359 88 812 3456", "[телефон]"),
        ("096/391-123 е служебният", "[телефон] е служебният"),
        ("пишете на ana.ivanova@example.org.", "пишете на [имейл]."),
        ("егн 7523169263", "егн [ЕГН]"),
        ("имот 48489.12.345, ул. Извор 5, MON-2026-000123-K от 10.10.2026", None),
        ("вх. № 94-00-1234/01.02.2026", None),
    ],
)
def test_contacts_are_masked_for_those_who_need_none(text: str, masked: str | None) -> None:
    assert mask_contacts(text) == (masked or text)


def test_spans_name_what_they_are() -> None:
    text = "ЕГН 7523169263, сметка BG80BNBG96611020345678"
    assert [(span.kind, text[span.start : span.end]) for span in personal_data(text)] == [
        ("egn", "7523169263"),
        ("iban", "BG80BNBG96611020345678"),
    ]


@given(st.text(alphabet="0123456789 -BGbg.", max_size=120))
def test_spans_are_in_order_and_masking_is_final(text: str) -> None:
    spans = personal_data(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert len(personal_data(mask(text))) <= len(spans)


def test_a_flood_of_digits_is_fast() -> None:
    assert isinstance(mask("1 " * 50_000), str)
    assert isinstance(mask("BG11" * 20_000), str)
