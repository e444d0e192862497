"""Danger to life or property right now: patterns that stand beside the bank of phrases and never sleep.

A rule is a row of word groups; it holds when every group has a word in the question. Words are Bulgarian and
English; `*` ends a beginning. A calm word (document, permit, fee…) shows that the person asks about an event
rather than lives through it.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from . import sounds, text
from .reading import Reading

_FIRE: Final = "гори горят горящ* пламн* пламък* пламъц* пожар пожара пожарът пожари подпали* запалва* опожарява* flames blaze fire"
_BURST: Final = (
    "взрив взрива взривът взриви експлози* експлодир* избухна* гръмна explosion exploded exploding blast bomb бомба"
)
_GAS: Final = "газ газта пропан бутан gas"
_LEAK: Final = (
    "мирише миризма изтича изтичане теч тече изпуска смърди обгазява* обгази* leak leaking leaks smell smells smelling"
)
_WIRE: Final = (
    "кабел* жиц* проводник* електропровод* далекопровод* стълб* трафопост* wire wires cable cables powerline line pole"
)
_WIRE_DOWN: Final = (
    "паднал* падна скъса* искри искрят искрящ* оголен* жив прекъснат* fallen fell down sparking sparks live snapped"
)
_CURRENT: Final = "ток тока токът електричество electrocuted"
_STRUCK: Final = "удари ударен* хвана уби убит* тресе electrocuted"
_COLLAPSE: Final = "срути* срутва* рухна* рухва* collapse collapsed collapsing откърти* отцепи* свлачище"
_THING: Final = """сграда* къща* къщи* стена* балкон* покрив* мост* блок* таван* комин* фасада* скеле* building house wall balcony roof bridge
ceiling скала* скали камъни"""
_FALL: Final = (
    "падна паднаха паднал* пада падат стовари* затисна* затрупа* затиска* fell falling fallen crashed trapped crushed"
)
_PEOPLE: Final = """хора хората човек човека човекът дете детето деца децата жена жената мъж мъжа бебе* баба дядо съпруг* майка* баща* колоездач* пешеход*
мотор* шофьор* пътни* син дъщеря син сина момче* момиче* възрастен* някой person people child kid boy girl man woman someone somebody baby son daughter
husband wife pedestrian cyclist motorcyclist elderly driver me му ми"""
_HARM: Final = """дави давят удави* затрупан* затисна* заклещен* безсъзнание припадна* кърви* окървавен* ранен* ранена* пострадал* умира* инфаркт* инсулт* гърч*
прегази* прегазен* блъсна* удариха сгази* отрови* задушава* диша мърда помръдва drowning drowned unconscious bleeding injured dying trapped choking collapsed
fainted breathing wounded heart* stroke overdose"""
_HARM_ALONE: Final = "дави давят безсъзнание затрупан* окървавен* прегази* drowning unconscious bleeding земетресение земетръс earthquake"
_BITE: Final = (
    "ухапа* нахапа* захапа* хапе bit bitten biting attacked attacking mauled нападна* напада* нападат разкъса*"
)
_DOG: Final = "куче* кучета* псе* песове глутница* dog dogs pack мечка мечката"
_CRIME: Final = """стреля* стрелят стрелба изстрел* пистолет* брадва* убива* убиват убий* пребива* пребиват заплашва* изнасил* наръган* намушка* обират обира взлом
gun shooting shots knife stabbed stabbing attacker robbing burglar killing"""
_VIOLENCE: Final = "бие бият бой нож ножа ножове тормози напада нападна* разбива разбиват beating hitting beats threatens threatening attacks breaking broke"
_NOW: Final = """сега момента момент току веднага бързо спешно спешен помощ помогнете елате идвайте още now right help hurry quickly emergency just
ongoing urgent urgently вътре отдолу inside underneath врата* врати door"""
_WATER: Final = "река* реката придойде* язовир* дига* дигата приижда* прииждат river dam flood* потоп* порой*"
_FLOODS: Final = "залива* заля* наводни* наводня* прелива* влиза* влезе придойде* скъса* приижда* къса flooding floods overflow* burst entering rising отнесе отнася"
_HOLE: Final = "шахта* шахтата кладенец* дупка* яма* изкоп* канал* manhole well shaft pit hole river"
_SMOKE: Final = "дим дима димът пушек пушека smoke"
_INDOORS: Final = "апартамент* етаж* блок* стълбище* прозорец* прозорци* къща* къщата покрив* вход* мазе* стая* apartment flat window windows building house stairwell"
_POUR: Final = "излиза* бълва* вали черен гъст задушава* pouring coming thick black now"
_TREE: Final = "дърво дървото дърва дървета клон клона tree branch"
_ONTO: Final = "кола колата коли пътя път пътят шосе жици* жица* кабел* човек* хора* дете* улицата къща* car cars road wires person people street house"

RULES: Final = (
    (_FIRE,), (_BURST,), (_GAS, _LEAK), (_WIRE, _WIRE_DOWN), (_CURRENT, _STRUCK), (_COLLAPSE, _THING), (_COLLAPSE, _PEOPLE),
    (_THING, _FALL, _PEOPLE), (_HARM_ALONE,), (_PEOPLE, _HARM), (_DOG, _BITE), (_CRIME,), (_VIOLENCE, _NOW), (_VIOLENCE, _PEOPLE),
    (_WATER, _FLOODS), (_PEOPLE, _FALL, _HOLE), (_SMOKE, _INDOORS, _POUR), (_TREE, _FALL, _ONTO),
)  # fmt: skip
_CALM: Final = """разрешение разрешително разрешителен удостоверение документ документи документите такса таксата заявление заявления план проект срок сигнализация
застрахов* обезщетени* безопасност пожарогасител* становище съгласуване обучение скица нотариал* наследств* справка услуга бележка копие регистър виза сервитут
certificate permit document documents fee application licence license insurance extinguisher safety regulation lamp лампа лампата лампи лампите крушк* осветлени*
светофар* печка* печки комин дърва камина барбекю вчера миналата миналия годин* lights light bulb stove barbecue yesterday year years
прокара* прокарв* захран* заснем* изместване отклонение газифик* котел"""


class _Lexicon:
    """Finds the groups of a word by its key or by the beginning of its key."""

    def __init__(self, groups: Iterable[str]) -> None:
        self._whole: dict[str, set[str]] = {}
        self._beginnings: dict[str, set[str]] = {}
        for group in groups:
            for entry in group.split():
                word = entry.rstrip("*")
                key = sounds.cyrillic_key(word) if text.is_cyrillic(word) else word
                known = self._beginnings if entry.endswith("*") else self._whole
                known.setdefault(key, set()).add(group)
        self._lengths = sorted({len(key) for key in self._beginnings})

    def groups(self, key: str) -> set[str]:
        found = set(self._whole.get(key, ()))
        for length in self._lengths:
            if length > len(key):
                break
            found |= self._beginnings.get(key[:length], set())
        return found


_LEXICON: Final = _Lexicon({_CALM, *(group for rule in RULES for group in rule)})


@lru_cache(maxsize=4_096)
def _groups_of(word: str, english: bool) -> frozenset[str]:
    return frozenset[str]().union(*(_LEXICON.groups(key) for key in _keys(word, english)))


def heard(reading: Reading, names: list[str]) -> tuple[bool, bool]:
    """Return whether a rule of danger holds, and whether the question sounds calm."""
    hit: set[str] = set()
    for word in reading.words:
        hit |= _groups_of(word.typed, reading.english)
        for term in word.terms:
            if term.weight < 1.0 and len(word.typed) > 5:  # A long misspelt word counts as what it was taken for.
                hit |= _LEXICON.groups(names[term.number])
    if not hit:
        return False, False
    return any(hit.issuperset(rule) for rule in RULES), _CALM in hit


def _keys(word: str, english: bool) -> list[str]:
    if text.is_cyrillic(word):
        return [sounds.cyrillic_key(word)]
    return [word] if english else sounds.latin_keys(word)
