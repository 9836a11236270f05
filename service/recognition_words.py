"""What an EVC recognises, in words: to its candidate, and about them."""

from assessments.recognitions import Result
from service.i18n import N_

TOLD: dict[Result, str] = {
    "full-qualification": N_("Your whole qualification is recognised"),
    "part-qualification": N_("A part of your qualification is recognised"),
    "competences": N_("These competences of yours are recognised"),
}
LABELS: dict[Result, str] = {
    "full-qualification": N_("The whole qualification"),
    "part-qualification": N_("A part of the qualification"),
    "competences": N_("Single competences"),
}
NONE = N_("No competence could be recognised this time")


def told(result: Result, *, anything: bool) -> str:
    """The sentence for the candidate, in English; `anything`: whether a single competence was recognised."""
    return TOLD[result] if anything else NONE
