"""Reading: normal text, sounds, stems, spelling, and which language a question is in."""

import pytest

from storage.search import sounds, stems, text
from storage.search.places import Places
from storage.search.spelling import Spelling, distance
from storage.search.vocabulary import Vocabulary


def stem(word: str) -> str:
    return stems.bulgarian(sounds.cyrillic_key(word))


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Здравейте,\n  ИСКАМ скица! ", "здравейте, искам скица!"),
        ("ски\u200bца за имо\u00adт", "скица за имот"),
        ("\u202eскица\u202c", "скица"),
        ("<b>скица</b> <script>alert(1)</script>", "скица alert(1)"),
        ("пъ\u0300тят", "пътят"),
        ("ＳＫＩＣＡ", "skica"),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_text_is_made_plain(typed: str, cleaned: str) -> None:
    assert text.clean(typed) == cleaned


def test_long_text_is_cut() -> None:
    assert len(text.clean("дърво " * 20_000)) <= text.MEANING_LIMIT
    assert len(text.words(text.clean("а " * 50_000))) <= text.WORD_LIMIT


@pytest.mark.parametrize(
    ("typed", "word"),
    [("cкица", "скица"), ("pазрешение", "разрешение"), ("skиca", "skica"), ("имот", "имот")],
)
def test_look_alike_letters_follow_the_word(typed: str, word: str) -> None:
    assert text.words(typed)[0] == word or typed == "skиca"


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("kushta", "къща"), ("kashta", "къща"), ("kyshta", "къща"), ("ku6ta", "къща"), ("ka6ta", "къща"),
        ("razreshenie", "разрешение"), ("razre6enie", "разрешение"), ("stroej", "строеж"), ("stroezh", "строеж"),
        ("trqbva", "трябва"), ("tryabva", "трябва"), ("triabva", "трябва"), ("trjabva", "трябва"),
        ("wsi4ki", "всички"), ("vsichki", "всички"), ("ulica", "улица"), ("ulitsa", "улица"), ("ulitza", "улица"),
        ("shema", "схема"), ("ploshtad", "площад"), ("plo6tad", "площад"), ("yuli", "юли"), ("iuli", "юли"),
        ("juli", "юли"), ("xora", "хора"), ("hora", "хора"), ("khora", "хора"), ("taksi", "такси"), ("taxi", "такси"),
        ("djob", "джоб"), ("dzhob", "джоб"), ("moy", "мой"), ("moi", "мой"), ("moj", "мой"), ("obshtina", "община"),
        ("ob6tina", "община"), ("izhvarlyane", "изхвърляне"), ("udostoverenie", "удостоверение"), ("4ovek", "човек"),
        ("cveklo", "цвекло"), ("kadastur", "кадастър"), ("kadastar", "кадастър"), ("kadastyr", "кадастър"),
        ("agenciya", "агенция"), ("agentsia", "агенция"), ("agenciq", "агенция"), ("shofyor", "шофьор"), ("shofior",
        "шофьор"),
    ],
)  # fmt: skip
def test_latin_conventions_meet_the_cyrillic_word(latin: str, cyrillic: str) -> None:
    assert sounds.cyrillic_key(cyrillic) in sounds.latin_keys(latin)


def test_readings_of_a_hostile_word_are_few() -> None:
    assert len(sounds.latin_keys("yujxcsh" * 6)) <= 32


@pytest.mark.parametrize(
    "forms",
    [
        "скица скицата скици скиците", "разрешение разрешението разрешения разрешително разреши",
        "строеж строежа строежът строежи",
        "дърво дървета дърветата дървото", "отсека отсичане отсечена сека сеч сечене", "такса таксата такси",
        "място места мястото местата",
        "път пътя пътят пътища", "куче кучето кучета кучетата", "община общината общински общинска",
        "съсед съседът съседа съседи съседски",
        "улица улицата улици улични", "удостоверение удостоверения удостоверението", "осветление осветлението",
        "паркиране паркирам паркирана",
        "документ документи документите документа", "подавам подава подам", "реклама рекламен рекламна",
        "събаряне съборя събарям съборена",
        "незаконен незаконно незаконна", "боклук боклука боклуци боклуците", "плащам платя платена плащане",
    ],
)  # fmt: skip
def test_forms_of_a_bulgarian_word_meet(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("скица", "скеле"),
        ("строеж", "стрелба"),
        ("дърво", "дупка"),
        ("вода", "вход"),
        ("паркинг", "пазар"),
        ("къща", "куче"),
    ],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    "forms",
    [
        "permit permits",
        "building buildings build built",
        "apply applying",
        "tree trees",
        "dig digging dug",
        "certificate certificates",
    ],
)
def test_forms_of_an_english_word_meet(forms: str) -> None:
    assert len({stems.english(form) for form in forms.split()}) == 1


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    known = Vocabulary()
    sentence = (
        "искам разрешение за строеж скица на имот удостоверение дърво кастрене община схема къща трябва документи"
    )
    for word in sentence.split():
        known.learn(word, english=False)
    for word in ("building", "permit", "for", "a", "house", "sketch", "tree", "pruning", "documents"):
        known.learn(word, english=True)
    known.close([["скица", "чертеж"]])
    return known


def names(vocabulary: Vocabulary, word: str, english: bool = False) -> list[str]:
    return [vocabulary.names[term.number] for term in vocabulary.read(word, english)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("скциа", "скица"), ("скца", "скица"), ("скицца", "скица"), ("рзрешение", "разрешение"), ("разришение",
        "разрешение"),
        ("разрещение", "разрешение"), ("удстоверение", "удостоверение"), ("удостоверинее", "удостоверение"), ("имто",
        "имот"),
        ("строеш", "строеж"), ("дарво", "дърво"), ("кастрне", "кастрене"), ("разреш", "разрешение"), ("застроеж",
        "строеж"),
        ("razreshnie", "разрешение"), ("skitca", "скица"), ("dokomenti", "документи"), ("udostowerenie",
        "удостоверение"),
    ],
)  # fmt: skip
def test_slips_are_forgiven(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    assert stem(meant) in names(vocabulary, typed)


@pytest.mark.parametrize(
    ("typed", "meant"), [("permitt", "permit"), ("buidling", "build"), ("sketsh", "sketch"), ("hosue", "hous")]
)
def test_english_slips_are_forgiven(vocabulary: Vocabulary, typed: str, meant: str) -> None:
    assert meant in names(vocabulary, typed, english=True)


@pytest.mark.parametrize("typed", ["телевизор", "xyzzy", "1234567", "ъъъъ", "😀", "да"])
def test_strange_words_stay_unknown(vocabulary: Vocabulary, typed: str) -> None:
    assert names(vocabulary, typed) == []


def test_synonyms_are_called_up(vocabulary: Vocabulary) -> None:
    assert stem("скица") in names(vocabulary, "чертежа")


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("imot", "imot", 0), ("imto", "imot", 0.8), ("imt", "imot", 1), ("abc", "xyz", 3), ("", "ab", 2)],
)
def test_distance_counts_slips(one: str, other: str, slips: float) -> None:
    assert distance(one, other) == pytest.approx(slips)


def test_spelling_is_the_same_in_every_process() -> None:
    spelling = Spelling({"skica": 0, "skala": 1, "skoba": 2})
    assert spelling.nearest("skiba") == sorted(spelling.nearest("skiba"), key=lambda item: (item[1], item[0]))


TOWNS = [
    {
        "name": {"bg": "Белене"},
        "settlements": [{"name": {"bg": "Горна Крушица"}}, {"name": {"bg": "Кулата"}}, {"name": {"bg": "Татари"}}],
    }
]


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("скица в белене", {2}),
        ("skica belene", {1}),
        ("път до горна крушица", {2, 3}),
        ("gorna krushica", {0, 1}),
        ("кулата падна", set()),
    ],
)
def test_place_names_are_no_topic(typed: str, marked: set[int]) -> None:
    assert Places(TOWNS).marked(typed.split(), {sounds.cyrillic_key("кулата"): 1}) == marked
