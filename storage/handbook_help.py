"""What the columns of the workbook mean, in both languages, for the comments of their headers."""

INTRODUCTION = (
    (
        "Това е наръчникът на „Гише“. Променяйте само редовете под заглавията; имената на листове и колони остават.",
        "This is the handbook of Gishe. Change the rows below the headers only; names of sheets and columns stay.",
    ),
    (
        "Всеки текст има български (bg) и английски (en). Няколко неща в една клетка се пишат на отделни редове "
        "(Alt+Enter); документите на двата езика съответстват ред по ред.",
        "Every text has Bulgarian (bg) and English (en). Several things in one cell stand on lines of their own "
        "(Alt+Enter); the documents of both languages correspond line by line.",
    ),
    (
        "Кодът (id) на услуга не се променя: по него водят връзки и QR кодове. Празна клетка значи „няма“.",
        "The id of a service does not change: links and QR codes lead by it. An empty cell means “none”.",
    ),
    (
        "В лист Differences се пише само онова, по което една община се различава от общата карта.",
        "The sheet Differences holds only that in which a municipality differs from the common card.",
    ),
    (
        "След преглед попълнете checked_by и checked_on. После: gishe handbook check ФАЙЛ и import ФАЙЛ.",
        "After a review fill in checked_by and checked_on. Then: gishe handbook check FILE, and import FILE.",
    ),
)

_LIST_BG, _LIST_EN = "По едно на ред (Alt+Enter).", "One on each line (Alt+Enter)."
_JSON_BG, _JSON_EN = "Записано като JSON; променяйте внимателно.", "Written as JSON; change with care."

HELP = {
    "id": ("Код: малки латински букви, цифри и тирета; не се променя.",
           "Code: small Latin letters, digits and hyphens; does not change."),
    "slug": ("Код на общината; не се променя.", "Code of the municipality; does not change."),
    "register_no": ("Номер в Административния регистър; празно, ако не е потвърден.",
                    "Number in the Administrative Register; empty if not confirmed."),
    "category": ("Код на категория от лист Categories.", "Id of a category from the sheet Categories."),
    "title": ("Заглавие, до 120 знака.", "Title, at most 120 characters."),
    "summary": ("Какво представлява, до 400 знака.", "What it is, at most 400 characters."),
    "who_can_apply": ("Кой може да подаде заявление.", "Who can apply."),
    "documents": (f"Необходими документи. {_LIST_BG}", f"Documents to bring. {_LIST_EN}"),
    "term_days.ordinary": ("Обикновен срок в дни; празно, ако няма единен срок.",
                           "Ordinary term in days; empty if there is no single term."),
    "term_days.fast": ("Бърза услуга, дни; празно, ако не се предлага.", "Fast service, days; empty if not offered."),
    "term_days.express": ("Експресна услуга, дни; празно, ако не се предлага.",
                          "Express service, days; empty if not offered."),
    "term_days.note": ("Откъде е срокът; показва се винаги с числото.",
                       "Where the term comes from; always shown with the number."),
    "fee": ("Такса (в евро) или къде се намира тарифата.", "Fee (in euro), or where the tariff is found."),
    "legal_basis": (f"Правно основание. {_LIST_BG}", f"Legal basis. {_LIST_EN}"),
    "result": ("Какво получава гражданинът.", "What the citizen receives."),
    "validity": ("Колко време важи; празно, ако няма срок.", "How long it is valid; empty if without limit."),
    "apply": ("Къде и как се подава.", "Where and how to apply."),
    "appeal": ("Как се обжалва; празно, ако не се обжалва.", "How to appeal; empty if there is no appeal."),
    "related": ("Кодове на свързани услуги, разделени със запетая.", "Ids of related services, separated by commas."),
    "aliases": (f"Как хората наричат услугата. {_LIST_BG}", f"What people call the service. {_LIST_EN}"),
    "confidence": ("Сигурност: high (сигурно), medium (различава се по общини), low (попитайте общината).",
                   "Certainty: high, medium (differs between municipalities), low (ask the municipality)."),
    "practice": ("Отговори от практиката на общината, приети след преглед; може да е празно.",
                 "Answers from the municipality's practice, taken in after review; may be empty."),
    "checked_by": ("Кой е проверил картата (име, длъжност).", "Who checked the card (name, position)."),
    "checked_on": ("Кога е проверена: 2026-01-31 или 31.01.2026.", "When it was checked: 2026-01-31 or 31.01.2026."),
    "municipality": ("Код на общината от лист Municipalities.", "Slug of the municipality, from Municipalities."),
    "field": ("Поле на картата, напр. fee, term_days.fast, documents.",
              "Field of the card, e.g. fee, term_days.fast, documents."),
    "bg": ("Българският текст на полето.", "The Bulgarian text of the field."),
    "en": ("Английският текст на полето.", "The English text of the field."),
    "value": ("Стойност на поле без език: дни, дата, сигурност, правно основание; в Casework – JSON.",
              "Value of a field without language: days, date, certainty, legal basis; in Casework JSON."),
    "language": ("bg – български; latn – български с латински букви; en – английски.",
                 "bg: Bulgarian; latn: Bulgarian in Latin letters; en: English."),
    "phrase": ("Изречение или думи, с които хората питат; 2–300 знака.",
               "A sentence or words with which people ask; 2–300 characters."),
    "intent": ("Вид въпрос; видовете не се добавят.", "Kind of question; kinds are not added."),
    "topic": ("Тема в рамките на вида.", "Topic within the kind."),
    "words": ("Думи с едно значение, разделени със запетая.", "Words of one meaning, separated by commas."),
    "order": ("Поредност в менюто.", "Order in the menu."),
    "default_kind": ("Вид преписка (лист Casework, kinds).", "Kind of case (sheet Casework, kinds)."),
    "location": ("Нужно ли е място: none, optional, required.", "Whether a place is needed."),
    "photo": ("Снимка: none, optional, recommended.", "Whether a photo is wanted."),
    "competent": ("Кой е компетентен.", "Who is competent."),
    "question_hint": ("Какво да се попита гражданинът.", "What to ask the citizen."),
    "urgent_note": ("Кога да се звъни на 112; празно, ако не е нужно.", "When to call 112; empty if not needed."),
    "law": (f"Правно основание. {_LIST_BG}", f"Legal basis. {_LIST_EN}"),
    "settlements": (f"Населени места. {_JSON_BG}", f"Settlements. {_JSON_EN}"),
    "department_names": (f"Дирекции и отдели. {_JSON_BG}", f"Departments. {_JSON_EN}"),
    "key": ("Ключ на частта.", "Key of the part."),
    "item": ("Елемент на списък; празно, ако частта не е списък.", "Item of a list; empty if the part is no list."),
}  # fmt: skip
LANGUAGE_NAMES = {"bg": ("На български.", "In Bulgarian."), "en": ("На английски.", "In English.")}


def comment(column: str) -> str | None:
    """The comment of a header: of the column itself, or of the text that it holds in one language."""
    text, _, language = column.rpartition(".")
    if column in HELP:
        return "\n".join(HELP[column])
    if text in HELP and language in LANGUAGE_NAMES:
        return "\n".join(f"{words} {name}" for words, name in zip(HELP[text], LANGUAGE_NAMES[language], strict=True))
    return None
