"""The handbook from А to Я: by letter and by topic, a page at a time."""

from handlers import home
from handlers.talk import Talk
from handlers.words import Option, b, join
from storage.handbook import Card

PAGE = 8  # Choices on a page: what a phone shows without scrolling, and what a listener can remember.
LETTERS_IN_ROW = 5


async def categories_chosen(talk: Talk, _argument: str) -> None:
    await show_categories(talk)


async def show_categories(talk: Talk) -> None:
    _ = talk._
    categories = sorted(talk.handbook.categories.values(), key=lambda category: category["order"])
    talk.say(
        join(b(_("Services by topic")), _("Choose a topic, or write what you need."), between="\n\n"),
        [
            *([Option(f"{c['emoji']} {c['title'][talk.language]}", f"category:{c['id']}")] for c in categories),
            [Option("🔤 " + _("Services by letter"), "letters"), home.to_menu(talk)],
        ],
        replaces=True,
    )


async def category_chosen(talk: Talk, argument: str) -> None:
    _ = talk._
    category_id, _colon, page = argument.partition(":")
    category = talk.handbook.categories.get(category_id)
    if category is None:
        return await home.stale_choice(talk)
    cards = talk.handbook.in_category(category_id, talk.language)
    heading = join(
        b(f"{category['emoji']} {category['title'][talk.language]}"), category["description"][talk.language],
        between="\n",
    )  # fmt: skip
    back = Option("⬅️ " + _("Topics"), "categories")
    _say_page(talk, heading, cards, int(page or 0), f"category:{category_id}", back)
    return None


async def letters_chosen(talk: Talk, _argument: str) -> None:
    await show_letters(talk)


async def show_letters(talk: Talk) -> None:
    _ = talk._
    letters = [Option(letter, f"letter:{letter}") for letter in talk.handbook.letters(talk.language)]
    rows = [letters[start : start + LETTERS_IN_ROW] for start in range(0, len(letters), LETTERS_IN_ROW)]
    talk.say(
        join(b(_("Services by letter")), _("Choose the first letter of the service."), between="\n\n"),
        [*rows, [Option("📚 " + _("Services by topic"), "categories"), home.to_menu(talk)]],
        replaces=True,
    )


async def letter_chosen(talk: Talk, argument: str) -> None:
    letter, _colon, page = argument.partition(":")
    cards = talk.handbook.under(letter, talk.language)
    if not cards:  # The edition or the language changed since the choice was offered.
        return await show_letters(talk)
    back = Option("⬅️ " + talk._("Letters"), "letters")
    _say_page(talk, [b(letter)], cards, int(page or 0), f"letter:{letter}", back)
    return None


def _say_page(talk: Talk, heading: list, cards: list[Card], page: int, here: str, back: Option) -> None:  # type: ignore[type-arg]
    """One page of cards, with a way on and a way back."""
    _ = talk._
    shown = cards[page * PAGE : (page + 1) * PAGE]
    pages = -(-len(cards) // PAGE)
    turn = []
    if page > 0:
        turn.append(Option("◀️ " + _("Previous"), f"{here}:{page - 1}"))
    if page + 1 < pages:
        turn.append(Option(_("Next") + " ▶️", f"{here}:{page + 1}"))
    count = talk.n("{count} service", "{count} services", len(cards)).format(count=len(cards))
    where = _("{count}, page {page} of {pages}").format(count=count, page=page + 1, pages=pages) if pages > 1 else count
    talk.say(
        join(heading, where, between="\n\n"),
        [*([Option(card.title(talk.language), f"card:{card.id}")] for card in shown), turn, [back, home.to_menu(talk)]],
        replaces=True,
    )
