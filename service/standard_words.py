"""What the pages of standards say of faults, of things and of differences, and where each is put right."""

import re
from uuid import UUID

from assessments.standard_checks import Fault
from assessments.standard_differences import Difference
from assessments.standards import Content
from service.i18n import N_, Words

FAULTS = {
    "no_criterion": N_("There is no criterion yet: add one."),
    "no_indicator": N_("Criterion %(code)s has no indicator: add one."),
    "code_twice": N_("The code %(code)s is used more than once: give each its own."),
    "threshold_zero": N_("Criterion %(code)s: a threshold of 0 is met by doing nothing. Write at least 1."),
    "threshold_unreachable": N_(
        "Criterion %(code)s: its threshold is higher than its number of indicators, so nobody could meet it."
    ),
    "threshold_below_eliminatory": N_(
        "Criterion %(code)s: more of its indicators are eliminatory than its threshold asks for. Raise the threshold."
    ),
    "scores_only": N_("Criterion %(code)s: this scheme gives scores. Write threshold 0, and nothing eliminatory."),
    "weight_missing": N_("Criterion %(code)s: this scheme weighs its criteria. Give it a weight."),
    "percent_unwanted": N_("This scheme does not weigh its criteria. Write 0 for the share that a pass needs."),
    "weight_unwanted": N_("Criterion %(code)s: this scheme does not weigh its criteria. Write weight 0."),
    "text_missing": N_("%(where)s: the text is missing in %(languages)s."),
    "language_not_in_scheme": N_("The scheme allows no test in %(languages)s."),
    "room_unknown": N_("The kind of room “%(code)s” is unknown: choose another."),
    "equipment_unknown": N_("The kind of equipment “%(code)s” is unknown: choose another."),
}
THINGS = {
    "standard": N_("The standard"),
    "criterion": N_("Criterion %(code)s"),
    "indicator": N_("Indicator %(code)s"),
    "check": N_("Check-list, line %(code)s"),
}
ASPECTS = {
    "": N_("the whole"),
    "label": N_("text"),
    "guidance": N_("guidance"),
    "threshold": N_("threshold"),
    "weight": N_("weight"),
    "pass_percent": N_("share of the weights that a pass needs"),
    "eliminatory": N_("eliminatory"),
    "picture": N_("picture"),
    "picture_alt": N_("words for the picture"),
    "order": N_("order"),
    "task": N_("task"),
    "conditions": N_("conditions"),
    "duration_minutes": N_("duration in minutes"),
    "setup_minutes": N_("minutes to set up"),
    "teardown_minutes": N_("minutes to clear away"),
    "candidates_per_evaluator": N_("candidates per evaluator"),
    "room_kind": N_("kind of room"),
    "equipment_kind": N_("kind of equipment"),
    "languages": N_("languages"),
}
KINDS = {"added": N_("Added"), "removed": N_("Removed"), "changed": N_("Changed")}
TONES = {"added": "good", "removed": "bad", "changed": "info"}
CRITERION = re.compile(r"grid\.criteria\[(\d+)\]")


def fault(words: Words, one: Fault) -> str:
    """The sentence of a fault."""
    languages = words.series(str(words.locale.languages[code]) for code in one.languages) if one.languages else ""
    return words.gettext(FAULTS[one.rule], code=one.code, where=where(words, one), languages=languages)


def where(words: Words, one: Fault) -> str:
    """« Indicateur 1.2, guidance »"""
    if one.path in ("task", "conditions"):
        what = N_("The task") if one.path == "task" else N_("The conditions")
        return words.gettext(what)
    kind = "criterion"
    if one.path.startswith("grid.conformity"):
        kind = "check"
    elif ".indicators[" in one.path:
        kind = "indicator"
    thing = words.gettext(THINGS[kind], code=one.code)
    aspect = "picture_alt" if one.path.endswith("alt") else one.path.rpartition(".")[2]
    return f"{thing}, {words.gettext(ASPECTS[aspect])}" if aspect in ("guidance", "picture_alt") else thing


def place(standard_id: UUID, content: Content, path: str) -> str:
    """The page on which what is at a path is put right."""
    base = f"/standards/{standard_id}"
    found = CRITERION.match(path)
    if path.endswith("picture.alt"):
        return f"{base}/pictures"
    if found:
        return f"{base}/criteria/{content.grid.criteria[int(found[1])].code}"
    if path.startswith("grid.conformity"):
        return f"{base}/checks"
    is_of_the_list = path.startswith("grid") and path != "grid.pass_percent"
    return base if is_of_the_list else f"{base}/frame"


def row(words: Words, one: Difference) -> tuple[Difference, str, str, str, str]:
    """A difference as the tables show it: itself, where, what about it, before, now."""
    before, after = said(words, one.before, one.aspect), said(words, one.after, one.aspect)
    return one, thing(words, one), aspect(words, one), before, after


def thing(words: Words, one: Difference) -> str:
    """« Indicateur 1.2 »"""
    return words.gettext(THINGS[one.what], code=one.code).rstrip(" ")


def aspect(words: Words, one: Difference) -> str:
    """« texte (français) »"""
    said = words.gettext(ASPECTS[one.aspect])
    return f"{said} ({words.locale.languages[one.language]})" if one.language else said


def said(words: Words, value: object, aspect: str) -> str:
    """A value before or after a change, as people read it; "–" for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        yes_or_no = N_("yes") if value else N_("no")
        return words.gettext(yes_or_no)
    return words.gettext(ASPECTS[aspect]) if aspect == "picture" else str(value)
