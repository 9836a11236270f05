"""The lines of the table in service/access.py about lists that go in and out as files."""

from service.i18n import N_
from service.reaches import ANY, CENTRE, Rule, weighty
from service.reaches import line as _rule

LINES: list[tuple[tuple[str, str], Rule]] = [
    _rule("lists", "see", N_("See which lists go in and out"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule(
        "lists", "template", N_("Fetch a template, and read what its columns mean"),
        manager=ANY, planner=ANY, administrator=ANY,
    ),
    _rule(
        "lists", "import", N_("Take a list over from a file: check it, have it written, call it off"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule(
        "lists", "export", N_("Take out rooms, equipment, closed days, sessions, series, and how many wait to be told"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    weighty("lists", "export_people", N_("Take out lists of people and their bookings"), manager=CENTRE, administrator=ANY),
    _rule("lists", "export_day", N_("Take out the list of a day"), manager=CENTRE, reception=CENTRE, administrator=ANY),
    weighty("lists", "export_results", N_("Take out results and certificates"), manager=CENTRE, administrator=ANY),
]  # fmt: skip
