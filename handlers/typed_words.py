"""The words in which people write days and hours, in Bulgarian (also in Latin letters) and in English."""

import re

MONTHS = {
    1: "януари януарий ян януар yanuari january jan",
    2: "февруари фев февр fevruari february feb",
    3: "март мар mart march mar",
    4: "април апр april apr",
    5: "май mai may",
    6: "юни юний yuni juni june jun",
    7: "юли юлий yuli july jul",
    8: "август авг avgust august aug",
    9: "септември сеп септ septemvri september sep sept",
    10: "октомври окт oktomvri october oct",
    11: "ноември ное ноем noemvri november nov",
    12: "декември дек dekemvri december dec",
}
WEEKDAYS = {
    0: "понеделник пон понед ponedelnik monday mon",
    1: "вторник вт vtornik tuesday tue tues",
    2: "сряда ср sryada srqda wednesday wed",
    3: "четвъртък чт четв chetvartak chetvurtuk thursday thu thur thurs",
    4: "петък пт петак petak petuk friday fri",
    5: "събота сб сабота sabota subota saturday sat",
    6: "неделя нд nedelya nedelq sunday sun",
}
DAYS = {
    0: "днес довечера dnes dovechera today tonight",
    1: "утре utre tomorrow",
    2: "вдругиден вдруги vdrugiden overmorrow",
}
EVENING = "довечера dovechera tonight вечерта вечер vecherta vecher evening"
AFTERNOON = "следобед следобяд sledobed afternoon pm"
MORNING = "сутринта сутрин sutrinta sutrin morning am"
NEXT = r"следващ(?:ия|ият|ата|ото|а)?|идн(?:ия|ата|ото)|другия|другата|sledvasht\w*|sledva6t\w*|next"
_FILLERS = (
    "в във от на и г год година ч час часа часът начало начален този тази това през за преди "
    "v vav ot na chas chasa godina at on from the of by this coming o'clock oclock starting in h"
)
FILLERS = frozenset(_FILLERS.split())


def table(words: dict[int, str]) -> dict[str, int]:
    return {word: number for number, row in words.items() for word in row.split()}


def one_of(words: dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


MONTH_OF, WEEKDAY_OF, DAY_OF = table(MONTHS), table(WEEKDAYS), table(DAYS)
MONTH, WEEKDAY, DAY = one_of(MONTH_OF), one_of(WEEKDAY_OF), one_of(DAY_OF)
