"""What the staff can choose and say at the desk; `handlers/table.py` takes it in."""

from handlers import desk, deskacts

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
}

STEPS = {desk.SEARCH: desk.search, deskacts.WORDS: deskacts.take_words}
