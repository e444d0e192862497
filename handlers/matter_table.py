"""What citizens can do with matters: file them, follow them, write into them."""

from collections.abc import Awaitable, Callable

from handlers import filing, filing_draft, filing_send, handover, matter_asked, matter_writing, matters
from handlers.talk import Talk

COMMANDS: dict[str, Callable[[Talk], Awaitable[None]]] = {
    "signal": filing.begin,
    "matters": matters.show_matters,
}

ACTIONS: dict[str, Callable[[Talk, str], Awaitable[None]]] = {
    "filing": filing.begin_chosen,
    "filing-new": filing.new_chosen,
    "filing-go": filing.resume_chosen,
    "filing-set": filing.set_chosen,
    "filing-skip": filing.skip_chosen,
    "filing-back": filing.back_chosen,
    "filing-edit": filing.edit_chosen,
    "filing-categories": filing.categories_chosen,
    "filing-anyway": filing.anyway_chosen,
    "filing-elsewhere": filing.elsewhere_chosen,
    "filing-stop": filing.stop_chosen,
    "filing-discard": filing.discard_chosen,
    "filing-follow": filing.follow_chosen,
    "filing-send": filing_send.send_chosen,
    "filing-ask": handover.municipality_chosen,
    "matters": matters.matters_chosen,
    "matter": matters.matter_chosen,
    "matter-history": matters.timeline_chosen,
    "matter-date": matters.date_chosen,
    "matter-late": matters.late_chosen,
    "matter-receipt": matters.receipt_chosen,
    "matter-files": matters.files_chosen,
    "matter-withdraw": matters.withdraw_chosen,
    "matter-withdrawn": matters.withdrawn_chosen,
    "matter-rate": matters.rate_chosen,
    "matter-unfollow": matters.unfollow_chosen,
    "matter-here": matters.move_here_chosen,
    "matter-reply": matter_writing.reply_chosen,
    "matter-add": matter_writing.add_chosen,
    "matter-edit": matter_writing.edit_chosen,
    "matter-reopen": matter_writing.reopen_chosen,
    "matter-words": matter_writing.words_chosen,
    "matter-send": matter_writing.send_chosen,
    "matter-again": matter_writing.again_chosen,
    "matter-stop": matter_writing.stop_chosen,
    "matter-find": matter_asked.find_chosen,
    "matter-which": matter_asked.which_chosen,
    "matter-none": matter_asked.none_chosen,
    "matter-new": filing.new_with_files_chosen,
}

STEPS: dict[str, Callable[[Talk], Awaitable[None]]] = {
    filing_draft.STEP: filing.take,
    matter_writing.STEP: matter_writing.take,
    matter_asked.ASK_NUMBER: matter_asked.take_number,
    matter_asked.ASK_CODE: matter_asked.take_code,
}

FILE_STEPS = (filing_draft.STEP, matter_writing.STEP)
PHONE_STEPS = (filing_draft.STEP,)
PASSING_STEPS = (matter_asked.ASK_NUMBER, matter_asked.ASK_CODE)

SPOKEN = {
    "сигнал": "signal",
    "подай сигнал": "signal",
    "подавам сигнал": "signal",
    "signal": "signal",
    "report": "signal",
    "моите сигнали": "matters",
    "сигнали": "matters",
    "моите преписки": "matters",
    "my matters": "matters",
    "matters": "matters",
}
