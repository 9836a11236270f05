"""The lines of the table in service/access.py about what is tested and who may test it."""

from service.i18n import N_
from service.reaches import ANY, CENTRE, OWN, Rule, weighty
from service.reaches import line as _rule

LINES: list[tuple[tuple[str, str], Rule]] = [
    _rule(
        "catalogue", "read", N_("Read standards and grids"),
        assessor=ANY, manager=ANY, planner=ANY, auditor=ANY, administrator=ANY,
    ),
    _rule("catalogue", "import", N_("Import an edited catalogue"), administrator=ANY),
    _rule("catalogue", "rooms", N_("List the rooms of a centre"), manager=CENTRE, planner=CENTRE, administrator=ANY),
    _rule("catalogue", "centres", N_("Compare the centres"), administrator=ANY),
    # Drafts are there for those who write them.
    _rule(
        "standards", "read", N_("Read, compare and export the versions of a standard"),
        assessor=ANY, manager=ANY, planner=ANY, auditor=ANY, administrator=ANY,
    ),
    _rule("standards", "edit", N_("Write a draft of a standard, or import one"), administrator=ANY),
    _rule("standards", "publish", N_("Publish or retire a version of a standard"), administrator=ANY),
    _rule(
        "schemes", "read", N_("Read the rules of a scheme"),
        assessor=ANY, manager=ANY, planner=ANY, auditor=ANY, administrator=ANY,
    ),
    _rule("schemes", "edit", N_("Change the rules of a scheme"), administrator=ANY),
    _rule(
        "validity", "list", N_("See what lapses, and which sessions that breaks"),
        manager=CENTRE, planner=CENTRE, administrator=ANY,
    ),
    _rule("validity", "fetch", N_("Fetch the paper behind it"), manager=CENTRE, administrator=ANY),
    _rule(
        "validity", "record", N_("Record a qualification or an undertaking of an assessor"),
        manager=CENTRE, administrator=ANY,
    ),
    _rule("validity", "accredit", N_("Record an accreditation"), administrator=ANY),
    _rule("validity", "own", N_("See what is on record about me as an assessor"), assessor=OWN, manager=OWN),
    _rule("records", "read", N_("See what I may do with my data as an assessor"), assessor=OWN, manager=OWN),
    weighty("records", "export", N_("Take a copy of my data as an assessor"), assessor=OWN, manager=OWN),
    _rule("records", "erase", N_("Ask to be forgotten as an assessor"), assessor=OWN, manager=OWN),
    _rule(
        "records", "leaving", N_("See which assessors asked to be forgotten"),
        manager=CENTRE, administrator=ANY,
    ),
]  # fmt: skip
