"""What enrolling for a unit, and withdrawing from it, may be refused for, beside what assessments/refusals.py has."""

from assessments.refusals import Refusal


class AlreadyEnrolled(Refusal):
    """The candidate has a file for this unit."""


class EnrolmentWithdrawn(Refusal):
    """The candidate withdrew from the unit; enrolling again opens the file."""


class StillBooked(Refusal):
    """Who has a place for the unit, or holds one, gives it back before they withdraw."""


class OutcomeUnderWay(Refusal):
    """A result for the unit, its certificate or the answer to an appeal is still to come."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "already_enrolled": AlreadyEnrolled,
    "enrolment_withdrawn": EnrolmentWithdrawn,
    "still_booked": StillBooked,
    "outcome_under_way": OutcomeUnderWay,
}
