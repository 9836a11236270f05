"""The refusals of who is here and who is not; the others are in scheduling/refusals.py."""

from scheduling.refusals import Refusal


class AbsentTooEarly(Refusal):
    """Nobody is absent before the test has begun."""


class TurnedAwayTooEarly(Refusal):
    """Nobody has come, and is turned away, before the day of the test."""


class AttendanceInUse(Refusal):
    """Something follows already from what was noted: a grid was begun, or an excuse was answered."""


class PresenceUnsettled(Refusal):
    """Somebody of the session is neither noted as present nor as absent."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "absent_too_early": AbsentTooEarly,
    "turned_away_too_early": TurnedAwayTooEarly,
    "attendance_in_use": AttendanceInUse,
    "presence_unsettled": PresenceUnsettled,
}
