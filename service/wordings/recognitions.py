"""What is refused about recognitions (EVC) and their fees."""

from assessments import refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.NotARecognition: (
        409,
        N_("This test gives another kind of result"),
        N_("Its result is recorded on the file of the candidate."),
    ),
    refusals.RecognitionTooEarly: (
        409,
        N_("Not all grids are submitted"),
        N_("Every evaluator submits their grid first."),
    ),
    refusals.AlreadyRecognised: (409, N_("This result is recorded already"), N_("Reload the page to see it.")),
    refusals.FeeNotDue: (409, N_("There is nothing to pay"), N_("The fee is settled, or there is none.")),
}
