"""What the codes in a list that leaves as a file are called, for those who read it: the words of its page (those of a
booking's end and of a jury: service/desk_words.py)."""

from collections.abc import Mapping
from datetime import date

from scheduling.recurrence import WEEKDAYS
from service.i18n import N_, Words
from service.importing.fields import Say

PRIORITIES = {
    "new_test": N_("New test"),
    "turned_away": N_("Turned away"),
    "cancelled_by_centre": N_("Cancelled by the centre"),
    "jobseeker": N_("Jobseeker"),
    "worker": N_("Worker"),
}
VALIDITIES = {
    "accreditation": N_("Accreditation"),
    "qualification": N_("Qualification"),
    "interest": N_("Declaration of interests"),
    "confidentiality": N_("Promise of confidentiality"),
}
CLOSURES = {
    "holiday": N_("Public holiday"),
    "entered": N_("Entered beforehand"),
    "repair": N_("When something failed"),
}
HALVES = {"morning": N_("Morning"), "afternoon": N_("Afternoon")}
OUTCOMES = {"pass": N_("Passed"), "fail": N_("Not passed")}
STANDINGS = {"valid": N_("Valid"), "suspended": N_("Suspended"), "withdrawn": N_("Withdrawn")}
OFTEN = {
    "1": N_("every week"),
    "2": N_("every two weeks"),
    "3": N_("every three weeks"),
    "4": N_("every four weeks"),
}


def called(names: Mapping[str, str]) -> Say:
    """Says a code by its name here."""
    return lambda say, code: say.gettext(names.get(code, code))


def rule(say: Words, text: str) -> str:
    """A pattern as the page of a series makes it, in words. Any other, which only programs make, as they gave it."""
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    days, often = parts.get("BYDAY", "").split(","), OFTEN.get(parts.get("INTERVAL", "1"))
    if parts.keys() != {"FREQ", "INTERVAL", "BYDAY", "UNTIL"} or parts["FREQ"] != "WEEKLY" or often is None:
        return text
    if not set(days) <= set(WEEKDAYS):
        return text
    names = say.series(say.weekdays()[WEEKDAYS.index(day)] for day in days)
    until = date.fromisoformat(parts["UNTIL"][:8])
    return say.gettext("%(often)s: %(days)s, until %(day)s", often=say.gettext(often), days=names, day=say.day(until))
