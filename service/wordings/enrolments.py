"""What refusals about enrolling for a unit, and withdrawing from it, say to people."""

from assessments import enrolment_refusals as refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.AlreadyEnrolled: (
        409,
        N_("There is already a file for this unit"),
        N_("Open the existing file."),
    ),
    refusals.EnrolmentWithdrawn: (
        409,
        N_("The enrolment was withdrawn"),
        N_("Enrol again to open the file."),
    ),
    refusals.StillBooked: (
        409,
        N_("You still have a place for this unit"),
        N_("Give that place back first, on the page of your booking. Then you can withdraw."),
    ),
    refusals.OutcomeUnderWay: (
        409,
        N_("A result or an answer about this unit is still to come"),
        N_("We write to you when it is there. After that you can withdraw."),
    ),
}
