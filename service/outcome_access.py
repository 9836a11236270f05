"""The lines of the table in service/access.py about what comes after a test: decisions, appeals, complaints."""

from service.i18n import N_
from service.reaches import ANY, CENTRE, JURY, OWN, Rule, weighty
from service.reaches import line as _rule

LINES: list[tuple[tuple[str, str], Rule]] = [
    _rule(
        "decisions", "proposal", N_("Read what the grids propose"),
        evaluator=JURY, observer=JURY, manager=CENTRE, administrator=ANY,
    ),
    _rule("decisions", "file", N_("Open a candidate’s file after the test"), manager=CENTRE, administrator=ANY),
    _rule("decisions", "deliberate", N_("Record the jury’s deliberation"), manager=CENTRE, administrator=ANY),
    _rule("decisions", "decide", N_("Take the certification decision"), manager=CENTRE),
    weighty(
        "decisions", "substitute", N_("Record a substitute’s decision, where nobody of the centre may decide"),
        administrator=ANY,
    ),
    weighty("decisions", "release", N_("Release a result to the candidate"), manager=CENTRE, administrator=ANY),
    _rule("decisions", "fee", N_("Note that a fee was paid, or is not asked for"), manager=CENTRE, administrator=ANY),
    _rule(
        "decisions", "annul", N_("Annul a test whose jury has a tie with the candidate"),
        manager=CENTRE, administrator=ANY,
    ),
    _rule("guidance", "list", N_("See who needs a guidance meeting"), manager=CENTRE, administrator=ANY),
    _rule("guidance", "note", N_("Note a guidance meeting, and its advice"), manager=CENTRE, administrator=ANY),
    _rule("appeals", "lodge", N_("Appeal against a decision"), candidate=OWN),
    _rule("appeals", "withdraw", N_("Take my appeal back"), candidate=OWN),
    _rule("appeals", "list", N_("See the appeals of a centre"), manager=CENTRE, administrator=ANY),
    _rule("appeals", "read", N_("Read an appeal"), reviewer=OWN, manager=CENTRE, administrator=ANY),
    # A centre does not judge whether an appeal against it is in order, nor choose who examines it.
    _rule("appeals", "rule", N_("Say whether an appeal is admissible"), administrator=ANY),
    _rule("appeals", "appoint", N_("Appoint who reviews an appeal"), administrator=ANY),
    _rule("appeals", "mediate", N_("Plan a mediation, and note what came of it"), reviewer=OWN, administrator=ANY),
    _rule("appeals", "answer", N_("Answer an appeal"), reviewer=OWN),
    _rule("complaints", "lodge", N_("Complain about conduct, a facility or staff"), candidate=ANY),
    _rule("complaints", "own", N_("See my complaints, and take one back"), candidate=OWN),
    _rule("complaints", "list", N_("See the complaints to a centre"), manager=CENTRE, administrator=ANY),
    _rule("complaints", "handle", N_("Take a complaint up, and answer it"), manager=CENTRE, administrator=ANY),
]  # fmt: skip
