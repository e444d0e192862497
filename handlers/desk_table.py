"""What the staff can choose and say at the desk; `handlers/table.py` takes it in."""

from handlers import desk, deskacts, deskbulk, deskfiling, deskorder, deskplaces

COMMANDS = {"cases": desk.show_desk}

ACTIONS = {
    "desk": desk.desk_chosen,
    "desk-search": desk.search_chosen,
    "desk-found": desk.found_chosen,
    "case": desk.case_chosen,
    "case-more": desk.more_chosen,
    "case-history": desk.history_chosen,
    "case-files": desk.files_chosen,
    "case-author": desk.author_chosen,
    "act": deskacts.act_chosen,
    "desk-set": deskacts.value_chosen,
    "desk-prepared": deskacts.prepared_chosen,
    "desk-do": deskacts.do_chosen,
    "desk-change": deskacts.change_chosen,
    "desk-keep": deskacts.keep_chosen,
    "desk-translate": deskacts.translate_chosen,
    "desk-stop": deskacts.stop_chosen,
    "desk-file": deskfiling.file_chosen,
    "bulk": deskbulk.bulk_chosen,
    "bulk-tick": deskbulk.tick_chosen,
    "bulk-act": deskbulk.act_chosen,
    "bulk-do": deskbulk.do_chosen,
    "order": deskorder.order_chosen,
    "order-name": deskorder.name_chosen,
    "order-away": deskorder.away_chosen,
    "order-substitute": deskorder.substitute_chosen,
    "order-back": deskorder.back_chosen,
    "order-load": deskorder.load_chosen,
    "order-people": deskorder.people_chosen,
    "order-end": deskorder.end_chosen,
    "order-ended": deskorder.ended_chosen,
    "order-invite": deskorder.invite_chosen,
    "order-routes": deskplaces.routes_chosen,
    "order-route": deskplaces.route_chosen,
    "order-days": deskplaces.days_chosen,
    "order-day": deskplaces.day_chosen,
    "order-day-off": deskplaces.day_off_chosen,
    "order-answers": deskplaces.answers_chosen,
    "order-answer-off": deskplaces.answer_off_chosen,
}

STEPS = {
    desk.SEARCH: desk.search,
    deskacts.WORDS: deskacts.take_words,
    deskacts.NUMBER: deskacts.take_words,
    deskbulk.STEP: deskbulk.take_words,
    deskfiling.STEP: deskfiling.take_words,
    deskorder.NAME: deskorder.take_name,
    deskorder.AWAY: deskorder.take_away_days,
    deskplaces.DAY: deskplaces.take_day,
    deskplaces.ANSWER: deskplaces.take_answer,
}
NUMBER_STEPS = (desk.SEARCH, deskacts.NUMBER)
