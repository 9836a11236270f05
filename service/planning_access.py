"""The lines of the table in service/access.py about what a plan rests on: who can come, what is closed, what fails."""

from service.i18n import N_
from service.reaches import ANY, CENTRE, Rule
from service.reaches import line as _rule

LINES: list[tuple[tuple[str, str], Rule]] = [
    # The centre's own people, and those who have a seat in one of its juries.
    _rule(
        "availability", "read", N_("See when an assessor can come"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule(
        "availability", "record", N_("Note for an assessor when they can come"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule("closures", "list", N_("See what is closed, and when"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule(
        "closures", "close", N_("Close the centre or a room for a time"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule("closures", "reopen", N_("Take a closure back"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule(
        "equipment", "list", N_("See the equipment, and what is out of order"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule("equipment", "add", N_("Enter a piece of equipment"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule("equipment", "retire", N_("Take a piece of equipment out of use"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule("equipment", "fail", N_("Say that equipment is out of order"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule("equipment", "return", N_("Say that it is in order again"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule(
        "repairs", "propose", N_("Say that somebody or something fails"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule("repairs", "read", N_("See how it could be repaired"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule("repairs", "apply", N_("Repair the sessions concerned"), manager=CENTRE, planner=CENTRE, administrator=ANY),
]  # fmt: skip
