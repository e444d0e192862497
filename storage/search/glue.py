"""Words that hold a sentence together and say little about its subject."""

from typing import Final

from . import sounds

_BULGARIAN: Final = """
а е бе сте бил била било били аз ако ами без би бих бихме бъда бъде в вас ваш ваша ваше ваши ви вие във все всеки
всички вече да дали дай дайте два две до докато друг друга други за заради защото защо и из или им има имам имаме
имате имаха имаше искам искаме иска искат исках каже кажа кажете каква какви какво какъв как като кога когато кого
което които който коя която към къде ли ме мен ми мене мога могат може можем можете можех можа мой моя моят моята
моето моите много моля на над нас наш наша нашата нашия нашето нашите не него нея негов неговия нейната ни ние някакъв
някаква някакво някакви някой някоя няма нямам нямаме нито но нужен нужна нужно нужни о обаче от пак по под после при
през пред просто с са сам само се сега си ски след сме со съм със стане става стават също та така такава такъв такова
такива там те тебе тези ти то това този тоя той тая тази трябва трябваше тук тъй тя у уж що ще щях я че чрез хора хей
еми де ма па бре значи някъде някога някак къв къф кво кои кой вземе взема взимам вземам вземат вадя вадят извадя
извади направя правя правим направи прави получа получавам получи получат ходя отида отиде отивам свой своя своето
своите своята негова нейна техен тяхна тяхно техни днес утре вчера го ги му ѝ й дето оня онзи онова онези нещо нещата
оттук оттам май нали ето хайде айде точно колко струва общината община общински общинска общинско общинските
"""
_ENGLISH: Final = """
a about after all also am an and any are as at be been before but by can could did do does dont for from get give got
had has have he her hey hi his how i id if ill im in into is isnt it its ive just know like may me mine my need no not
of on one or our ours out please she should so some something tell than thanks that the their them then there these
they this those to too under up us want was we were what whats when where wheres which who whom whose why will with
would you your yours municipality municipal hall
"""

BULGARIAN: Final = frozenset(sounds.cyrillic_key(word) for word in _BULGARIAN.split())
ENGLISH: Final = frozenset(_ENGLISH.split())

# Words that show the language of Latin text; these others may be Bulgarian in Latin letters, too.
_EITHER: Final = "a i me do on no he an so to may her id in up hi hey was us be"
ENGLISH_ONLY: Final = ENGLISH - set(_EITHER.split())
