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

GROUPS: Final = {
    "alone": """
        дави давят удавя безсъзнание окървавен* прегазиха прегазен* земетресение земетръс drowning drowned
        unconscious bleeding earthquake граната гранати снаряд боеприпас* бомба бомбата взривно grenade bomb
        ammunition explosives самоубие* самоубива* самоубийство suicide бедства бедстват бедстващ* бедствие загиваме
        кома коматоз* колабира* отвлякоха отвлече отвличат kidnapped abducted задушаваме застреля* наръган*
        намушка* стрелят стреля стрелба shooting stabbed свлачището свличане landslide mudslide avalanche лавина
        въоръжен* armed заложни* hostage електрошок епилепси* епилептичен seizure overdose свръхдоза анафилак*
        anaphyla*
    """,
    "fire": """
        гори горят горящ* пламн* пламък* пламъц* пожар пожара пожарът пожари подпали* запалва* опожарява* огън
        огънят огъня запали запалиха запалил* flames blaze fire burning
    """,
    "spreads": """
        идва приближава наближава къщи къщата къща блок блока апартамент* гора гората сухи сухите трева треви
        трявата комин комина кола колата коли контейнер* близо деца хора помощ сега вход мазе house houses flat
        building forest car now help us spreading near
    """,
    "fire_now": """
        гори горят горящ* горим пламн* пламък* пламъц* пожар пожара пожарът пожари подпали* flames blaze fire
    """,
    "burst": "взрив взрива взривът взриви експлози* експлодир* избухна* explosion exploded exploding blast",
    "gas": """
        газ газта пропан бутан хлор амоняк киселина киселини химикал* токсич* отровен отровно gas chlorine ammonia
        acid chemical chemicals
    """,
    "leak": """
        мирише миризма изтича изтичане теч тече изпуска смърди обгазява* обгази* разля разлив* разсипа* leak leaking
        leaks smell smells smelling spill spilled spilling
    """,
    "wire": """
        кабел* жиц* проводник* електропровод* далекопровод* стълб* трафопост* wire wires cable cables powerline line
        pole
    """,
    "wire_down": """
        пада* падна* скъса* искри искрят искрящ* оголен* жив прекъснат* fallen fell down sparking sparks live
        snapped bare
    """,
    "current": "ток тока токът електричество electrocuted",
    "struck": "удари ударен* хвана уби убит* тресе electrocuted",
    "collapse": """
        срути* срутва* рухна* рухва* срива срина* катурна* сгромоляса* изсипа collapse collapsed collapsing откърти*
        отцепи* свлачище
    """,
    "thing": """
        сграда* къща* къщи* стена* балкон* покрив* мост* блок* таван тавана таванът комин* фасада* скеле* тераса*
        кран кранът строеж* building house wall balcony roof bridge ceiling crane scaffold* скала* скали камъни
    """,
    "fall": """
        падна паднаха паднал* стовари* затисна* затрупа затрупва затрупаха затиска* сгромоляса* fell falling fallen
        crashed trapped crushed
    """,
    "people": """
        хора хората човек човека човекът дете детето деца децата ученик ученици жена жената мъж мъжа мъжът бебе*
        баба дядо съпруг* майка* баща* колоездач* пешеход* мотор* шофьор* пътни* син дъщеря сина момче* момиче*
        момче възрастен* работник* строител* турист* някой брат сестра person people child kid boy girl man woman
        someone somebody baby son daughter husband wife pedestrian cyclist motorcyclist elderly driver worker
        brother sister toddler tourist me us ме ни
    """,
    "harm": """
        дави давят удави* затрупа затрупан* затисна* заклещ* безсъзнание припадна* кърви* окървавен* ранен* ранена*
        пострадал* умира* инфаркт* инсулт* гърч* прегази* прегазен* блъсна* удариха сгази* отрови* задушава* диша
        мърда помръдва drowning drowned unconscious bleeding injured dying trapped choking collapsed fainted
        breathing wounded heart* stroke overdose наниза* гърчи* trampled
    """,
    "fell_high": "падна пада скочи скача fell falling jumped jump jumping скоча",
    "high": """
        скеле* покрив* балкон* прозорец* стълба* етаж* мост* ръб scaffolding roof balcony window ladder bridge ledge
        edge
    """,
    "poison": """
        отрова отровата белина хапчета хапче киселина препарат* антифриз гъби bleach poison pills tablets mushrooms
        sting
    """,
    "swallow": "изпи погълна глътна яде изяде swallowed drank ate took allergic алергич* reaction",
    "bite": """
        ухапа* нахапа* захапа* хапе bit bitten biting attacked attacking mauled нападна нападнаха разкъса* разкъсва*
        гони гонят
    """,
    "animal": """
        куче кучето кучета* псе* песове глутница* питбул* dog dogs pack pitbull мечка мечката вълк вълци змия змията
        snake bear wolf bull бик
    """,
    "missing": "изчезна* изгуби* издирва* няма disappeared missing lost",
    "weak": """
        дете детето деца дъщеря* син сина бебе* баба* дядо* възрастен* child daughter son toddler grandmother
        grandfather boy girl kid
    """,
    "since": """
        снощи вчера часа часове сутрин* гората планината студа пижама деменция yesterday hours night morning forest
    """,
    "crime": """
        пистолет* брадва* убива* убиват убие убия пребива пребиват пребиха заплашва изнасил* обират обира взлом gun
        shots knife stabbing attacker robbing burglar kill
    """,
    "violence": """
        бие бият бой нож ножа ножове напада нападна* разбива разбиват beating hitting beats threatens threatening
        attacks breaking broke
    """,
    "now": """
        сега момента момент току веднага бързо спешно спешен помощ елате идвайте още right now help hurry quickly
        ongoing urgent urgently вътре врата* врати door жена* жената мъж мъжа мъжът съпруг* момче* момиче* дете деца
        улица* him her woman man boy girl
    """,
    "myself": "себе живея myself live anymore alive",
    "end": "убия убие kill край want искам",
    "no": "не dont don't no not",
    "water": """
        река реката приижда* прииждат язовир* дига дигата дерето river dam flood* потоп* порой* вода водата water
    """,
    "floods": """
        залива залиха наводни* наводня* влиза придойде* преля приижда* къса отнесе отнася влачи flooding overflow*
        rising entering swept
    """,
    "flooded": """
        къща* къщи къщите хора* мазе* мазета* кръста врата вратите село селото house houses people village homes
        улица* улици*
    """,
    "hole": "шахта* кладенец* яма* изкоп изкопа канал канала дере* manhole well shaft pit hole",
    "in_hole": "падна паднаха пропадна* вътре fell fallen inside",
    "smoke": "дим дима димът пушек пушека smoke",
    "indoors": """
        апартамент* етаж* блок блока стълбище* прозорец* прозорци* вход входа мазе* стая* apartment flat window
        windows staircase stairwell
    """,
    "pours": "излиза бълва вали черен гъст изпълни* pouring coming thick black filling now",
    "tree": "дърво дървото дърва дървета клон клона клонът tree branch",
    "onto": """
        кола колата коли път пътя пътят шосе жици* жица* кабел* човек* хора* дете* релси* улицата къща* брат* car
        cars road wires person people street house railway brother line
    """,
    "crash": """
        катастрофа катастрофира* удариха блъсна* блъснаха сблъска* челен прегази* crash crashed collision accident
    """,
    "crash_who": """
        ранен* ранени пострадал* хора* пешеход* дете* кола* коли автобус* минибус* мотор* колоездач* тир injured
        people pedestrian child bus car truck train
    """,
    "help_call": "помощ помогнете спешно help emergency urgent",
    "help_who": """
        изпратете елате пратете идвайте send save спасете умира умирам lives live
    """,
    "ambulance": "линейка линейката ambulance",
    "wanted": "трябва нужна повикайте извикайте изпратете пратете елате спешно бързо need call send",
}
# What makes an emergency, one rule a line: groups that must all be heard.
RULES: Final = (
    ("alone",),
    ("fire_now",),
    ("fire", "spreads"),
    ("burst",),
    ("gas", "leak"),
    ("wire", "wire_down"),
    ("current", "struck"),
    ("collapse", "thing"),
    ("collapse", "people"),
    ("thing", "fall", "people"),
    ("people", "harm"),
    ("fell_high", "high", "people"),
    ("poison", "swallow"),
    ("animal", "bite"),
    ("missing", "weak", "since"),
    ("crime",),
    ("violence", "now"),
    ("myself", "end", "no"),
    ("water", "floods", "flooded"),
    ("hole", "in_hole", "people"),
    ("smoke", "indoors", "pours"),
    ("tree", "fall", "onto"),
    ("crash", "crash_who"),
    ("help_call", "help_who"),
    ("ambulance", "wanted"),
)
CALM: Final = """
    разрешение разрешително разрешителен удостоверение документ документи документите такса таксата заявление
    заявления план проект срок сигнализация застрахов* обезщетени* безопасност пожарогасител* становище съгласуване
    обучение скица нотариал* наследств* справка услуга бележка копие регистър виза сервитут бюрокрация жалби жалба
    certificate permit document documents fee application licence license insurance extinguisher safety regulation
    bureaucracy lamp лампа лампата лампи лампите крушк* осветлени* светофар* печка* печки комина дърва камина
    барбекю миналата миналия годин* lights light bulb stove barbecue year years прокара* прокарв* захран* заснем*
    изместване отклонение газифик* котел данък данъка inspection инспекция социална социални помощи карта паркира*
    паркиран* parked
"""
_ENGLISH: Final = "="  # Before English words: `insult` is no инсулт.


class _Lexicon:
    """Finds the groups of a word by its key or by the beginning of its key."""

    def __init__(self, groups: Iterable[tuple[str, str]]) -> None:
        self._whole: dict[str, set[str]] = {}
        self._beginnings: dict[str, set[str]] = {}
        for name, words in groups:
            for entry in words.split():
                word = entry.rstrip("*")
                key = sounds.cyrillic_key(word) if text.is_cyrillic(word) else _ENGLISH + word
                known = self._beginnings if entry.endswith("*") else self._whole
                known.setdefault(key, set()).add(name)
        self._lengths = sorted({len(key) for key in self._beginnings})

    def groups(self, key: str) -> set[str]:
        found = set(self._whole.get(key, ()))
        for length in self._lengths:
            if length > len(key):
                break
            found |= self._beginnings.get(key[:length], set())
        return found


_LEXICON: Final = _Lexicon([*GROUPS.items(), ("calm", CALM)])


@lru_cache(maxsize=4_096)
def _groups_of(word: str, english: bool) -> frozenset[str]:
    return frozenset[str]().union(*(_LEXICON.groups(key) for key in _keys(word, english)))


def heard(reading: Reading, names: list[str]) -> tuple[bool, bool]:
    """Return whether a rule of danger holds, and whether the question sounds calm."""
    hit: set[str] = set()
    for word in reading.words:
        hit |= _groups_of(word.typed, reading.english)
        if word.terms and word.terms[0].weight < 1.0 and len(word.typed) > 5:
            taken_for = names[word.terms[0].number]  # A misspelt word counts as what it was taken for.
            hit |= _LEXICON.groups(_ENGLISH + taken_for if reading.english else taken_for)
    if not hit:
        return False, False
    return any(hit.issuperset(rule) for rule in RULES), "calm" in hit


def _keys(word: str, english: bool) -> list[str]:
    if not text.is_latin(word):
        return [sounds.cyrillic_key(word)]
    return [_ENGLISH + word] if english else sounds.latin_keys(word)
