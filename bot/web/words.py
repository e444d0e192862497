"""The words of the chat page that its script says: translated here, handed to the page as one document."""

from collections.abc import Mapping
from typing import Any

from locales import Translator
from storage.handbook import Handbook


def words(speak: Translator) -> dict[str, str]:
    _ = speak.gettext
    return {
        "name": _("Gishe"),
        "you": _("You"),
        "title": _("Gishe – chat with your municipality"),
        "log": _("Conversation"),
        "text": _("Your message"),
        "placeholder": _("Write here"),
        "send": _("Send"),
        "attach": _("Add photos or files (up to {size} MB each)"),
        "place": _("Add my location"),
        "skip": _("Skip to the message field"),
        "language": _("Switch the language to {language}"),
        "close": _("Close the chat"),
        "earlier": _("Show earlier messages"),
        "loading": _("Loading earlier messages"),
        "beginning": _("This is the beginning of the conversation."),
        "down": _("New messages"),
        "typing": _("Gishe is writing …"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "waiting": _("Waiting to be sent"),
        "sending": _("Sending"),
        "kept": _("Sent"),
        "failed": _("Not sent"),
        "updated": _("The message was updated."),
        "choices": _("Choices"),
        "opens": _("opens in a new tab"),
        "offline": _("No connection. What you write is kept here and sent as soon as there is a connection."),
        "online": _("Connected again."),
        "busy": _("That was very fast. Sending goes on by itself in a moment."),
        "cookies": _("Your browser does not keep cookies, so we cannot have a conversation. Please allow them here."),
        "tabs": _("The chat is open in too many windows. Please close some of them."),
        "remove": _("Remove {name}"),
        "dismiss": _("Remove this message"),
        "files": _("Attached"),
        "here": _("My location"),
        "map": _("Location {lat}, {lon}"),
        "locating": _("Looking for your location …"),
        "no_place": _("The browser does not tell your location. Please write the address instead."),
        "denied": _("You have not allowed the location. You can allow it in the browser's settings, or write the "
                    "address instead."),
        "photo": _("Photo {name}"),
        "share_place": _("Share my location"),
        "share_media": _("Add a photo"),
        "copied": _("The link is copied."),
        "long": _("This message is too long. Please send it in shorter parts."),
        "empty": _("There is nothing in this message."),
        "malformed": _("This message could not be read. Please write it again."),
        "missing": _("The files are no longer there. Please add them again."),
        "large": _("{name} is larger than {size} MB. Please choose a smaller file."),
        "kind": _("{name} is of a kind that we do not take. We take photos, videos, sound, PDF, Word, Excel, "
                  "OpenDocument and plain text."),
        "full": _("There is no room for files at the moment. Please write your question in words."),
        "many": _("At most {count} files in one message."),
        "refused": _("This could not be sent. Please reload the page and try again."),
    }  # fmt: skip


def document(speak: Translator, handbook: Handbook) -> Mapping[str, Any]:
    """Everything that the script says in one language, with the names of the municipalities."""
    return {
        "language": speak.language,
        "words": words(speak),
        "places": {slug: place["full_name"][speak.language] for slug, place in handbook.municipalities.items()},
    }
