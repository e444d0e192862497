"""What an error of Telegram means for a message: plain functions that need no network."""

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram_request import NotSent
from bot.results import Gone, Later, Moved, Perhaps, Refused, Result
from handlers.words import TO_MANY
from storage.messages import Letter

BACK_OFF_S = (1, 2, 5, 10, 30)  # After failures, until something succeeds.

# 400s that say nothing against the message itself.
UNCHANGED = ("message is not modified", "topic_not_modified")
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid")
CLOSED_TOPIC = ("topic_closed",)
NO_FORUM = ("the chat is not a forum", "chat_not_forum", "not enough rights to create a topic", "chat_admin_required",
            "not enough rights to manage topics")  # fmt: skip
CANNOT_EDIT = ("message to edit not found", "message can't be edited", "there is no text in the message to edit",
               "there is no caption in the message to edit",
               "message_id_invalid", "message identifier is not specified")  # fmt: skip
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty", "have no rights",
          "not enough rights", "chat_write_forbidden", "input_user_deactivated")  # fmt: skip
TOO_LARGE = ("request entity too large",)
NO_PHOTO = ("photo_invalid_dimensions", "image_process_failed", "photo_ext_invalid", "photo_save_file_invalid",
            "file is too big")  # fmt: skip
FORGOTTEN_FILE = ("wrong file identifier", "wrong remote file", "file_reference_expired", "file_id_invalid")
BAD_MARKUP = ("can't parse entities",)
FOREIGN_PAGE = "Parsing the server response"  # How python-telegram-bot reports an error that is not Telegram's JSON.
GATEWAY_TIMEOUT = "(504)"


def says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    words = error.message.lower()
    return any(phrase in words for phrase in phrases)


def seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def back_off(attempts: int) -> float:
    return BACK_OFF_S[min(attempts, len(BACK_OFF_S) - 1)]


def is_outage(error: TelegramError) -> bool:
    """Whether Telegram itself never saw the call: the way there is broken, or what stands at its door."""
    return isinstance(error, NotSent) or (FOREIGN_PAGE in error.message and GATEWAY_TIMEOUT not in error.message)


def outcome(error: TelegramError, letter: Letter, outage_pause: float) -> Result:
    """Return what becomes of the letter; `RetryAfter` is the channel's own matter, for it concerns others too.

    An outage does not count as an attempt, for it says nothing about the letter. A page at the door of Telegram
    leaves a grain of doubt: it holds a broadcast, which must not come twice, but no answer.
    """
    if is_outage(error):
        if letter.lane in TO_MANY and not isinstance(error, NotSent):
            return Perhaps(_first_words(error))
        return Later(outage_pause, _first_words(error), whole_bot=True, counts=False)
    match error:
        case ChatMigrated():
            _chat, slash, topic = letter.address.partition("/")
            return Moved(f"{error.new_chat_id}{slash}{topic}")
        case Forbidden():
            return Gone(error.message)
        case InvalidToken():
            return Later(BACK_OFF_S[-1], error.message, whole_bot=True, counts=False)
        case BadRequest():
            return Gone(error.message) if says(error, NOBODY) else Refused(error.message)
        case TimedOut():
            return Perhaps(error.message)
        case NetworkError():
            return _network(error, letter)
    return Refused(error.message)


def _network(error: NetworkError, letter: Letter) -> Result:
    """A 5xx in Telegram's own words says that nothing was sent; a broken connection leaves it open."""
    if says(error, TOO_LARGE):
        return Refused(error.message)
    if says(error, ("internal server error", "bad gateway", "service unavailable")):
        return Later(back_off(letter.attempts), error.message)
    return Perhaps(_first_words(error))


def _first_words(error: TelegramError) -> str:
    return error.message.partition(". ")[0][:200]
