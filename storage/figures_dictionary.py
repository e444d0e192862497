"""The data dictionary of the figures: one source for the page, the files, the report and the chat."""

from dataclasses import dataclass

from storage.figures_numbers import MINIMUM
from storage.figures_privacy import SMALL
from storage.handbook_problems import N_

RULES = 1  # The version of these definitions. A published report names the one it was made by.


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means and how it is computed, in words that need no program to follow."""

    id: str
    name: str
    meaning: str
    formula: str


MATTERS = (
    Definition(
        "filed",
        N_("Matters filed"),
        N_("Signals, proposals, complaints and requests that citizens filed through Gishe in the month."),
        N_("Count of matters whose moment of filing falls in the month, by the clock of Sofia."),
    ),
    Definition(
        "ended",
        N_("Matters closed"),
        N_("Matters that ended in the month: answered, refused with reasons, forwarded to the competent body, "
           "withdrawn or a repetition of another. Closed does not mean solved."),
        N_("Count of closings in the month. A matter that was opened again and closed again counts twice."),
    ),
    Definition(
        "acknowledgement",
        N_("Confirmation of receipt"),
        N_("From filing until the municipality itself confirms that the matter reached it. The automatic number that "
           "Gishe gives at once is not counted."),
        N_("Moment at which staff first confirmed receipt, less the moment of filing."),
    ),
    Definition(
        "answer",
        N_("First answer in substance"),
        N_("From filing until the citizen first hears something from a person about the matter itself: a question, a "
           "visit, a plan, an answer."),
        N_("Moment of the first answer in substance, less the moment of filing."),
    ),
    Definition(
        "decision",
        N_("Decision"),
        N_("From filing until the matter ends for the first time: answered, refused with reasons, forwarded to the "
           "competent body, withdrawn or a repetition."),
        N_("Moment of the first closing, less the moment of filing. Opening it again does not move it."),
    ),
    Definition(
        "solution",
        N_("Solved, as the citizen sees it"),
        N_("From filing until the moment of the closing that the citizen later confirmed as solved. Matters without "
           "the citizen's confirmation stay unsolved in this figure."),
        N_("Moment of the last closing that the citizen judged as solved, less the moment of filing."),
    ),
    Definition(
        "in_time",
        N_("In time, among all matters that fell due"),
        N_("Of all matters whose last day lay in the month and has passed – those still open as well – how many were "
           "decided by it. Leaving a matter open never makes this figure better."),
        N_("Matters closed for the first time on or before their last day, divided by all matters whose last day lies "
           "in the month and has passed. Shown twice: against the date that was promised first, and against the date "
           "in force after lawful extensions and pauses."),
    ),
    Definition(
        "open",
        N_("Open matters and their age"),
        N_("Matters not closed at the end of the month, by how long ago they were filed."),
        N_("Whole days from filing to the end of the month, or to now in a running month."),
    ),
    Definition(
        "satisfaction",
        N_("What citizens say about the outcome"),
        N_("After closing, the citizen is asked: solved, partly, or not solved. Beside it stands how many answered at "
           "all."),
        N_("Each answer divided by all answers; answers divided by closings in the month."),
    ),
    Definition(
        "reopened",
        N_("Reopened"),
        N_("Of the closings in the month, how many were followed by opening the matter again, at any time since."),
        N_("Closings in the month that were followed by a reopening, divided by all closings in the month."),
    ),
    Definition(
        "refiled",
        N_("Filed again within 30 days"),
        N_("Of the closings in the month, how many were followed within 30 days by a new matter of the same person "
           "about the same topic: a sign of closing without solving."),
        N_("Closings in the month that were followed by such a matter, divided by all closings in the month."),
    ),
    Definition(
        "last_hour",
        N_("Closed in the last hour before the deadline"),
        N_("Of the closings in the month, how many came on the very last day, in the last office hour or after it: a "
           "sign of closing for the sake of the figure."),
        N_("Closings on the last day in force at 16:30 or later, by the clock of Sofia, divided by all closings in the "
           "month."),
    ),
    Definition(
        "delays",
        N_("Reasons of delay"),
        N_("Why matters that were closed in the month were late, as staff said when they closed them; and how dates "
           "were moved in the month."),
        N_("Count of late closings by reason; count of moved dates by what moved them."),
    ),
)  # fmt: skip

TALK = (
    Definition(
        "questions",
        N_("Questions"),
        N_("Questions that citizens asked in their own words, and how many of them a card of the handbook answered."),
        N_("Questions answered by a card with certainty, divided by all questions of the month."),
    ),
    Definition(
        "helpful",
        N_("Answers that helped"),
        N_("Of the answers that citizens rated, how many helped; beside it stands how many were rated at all."),
        N_("Ratings “it helped” divided by all ratings; ratings divided by all answers."),
    ),
    Definition(
        "unanswered",
        N_("Unanswered questions"),
        N_("Questions that no card answers and that nobody has dealt with yet, and how long the oldest has waited."),
        N_("Count of open entries in the register of unanswered questions; whole days since each was asked."),
    ),
    Definition(
        "events",
        N_("Meetings"),
        N_("Public meetings held in the month, who said they would come, who came, and how many people were told."),
        N_("Count of meetings that began in the month and were not cancelled; registrations, attendance and people "
           "told, summed over them."),
    ),
    Definition(
        "broadcasts",
        N_("Announcements"),
        N_("Announcements sent in the month and how many people they reached."),
        N_("Count of announcements; recipients whose message was sent, delivered or seen."),
    ),
)  # fmt: skip

DEFINITIONS = {one.id: one for one in MATTERS + TALK}

NOTES = {
    "clocks": N_(
        "Half of the matters took at most the median; nine in ten took at most the 90th percentile. Both count every "
        "matter filed in the month: one that is still open stands behind all others, as if it had taken longest."
    ),
    "interval": N_(
        "The interval says where the figure would lie in 19 of 20 such months. With few matters it is wide: then small "
        "differences mean nothing."
    ),
    "work": N_(
        "Office hours are those from 9:00 to 17:30 on working days of the municipality: without weekends, public "
        "holidays and its own free days."
    ),
    "minimum": N_("Medians and shares of fewer than {minimum} matters are not shown: one matter would move them."),
    "small": N_(
        "Counts from 1 to {most} are hidden, and further ones with them where the hidden could be worked out: nobody "
        "is to be recognised."
    ),
    "coverage": N_(
        "These figures cover only what came through Gishe, not letters, telephone or the counter. Municipalities "
        "differ in size, in what citizens use the chat for, and in what falls to them by law. So the figures show how "
        "one municipality does over time; they do not rank municipalities."
    ),
    "licence": N_(
        "Licence: Creative Commons Attribution 4.0 (CC BY 4.0). Name Gishe and the municipality as the source."
    ),
}  # fmt: skip
LIMITS = {"minimum": MINIMUM, "most": SMALL - 1}
