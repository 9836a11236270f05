"""Every no of the scheduling domain, by name; service/problems.py gives each its words and its status."""


class Refusal(Exception):
    """The request is understood and declined by a rule."""


class NotFound(Refusal):
    """There is no such thing, or not for this caller."""


class RoomBusy(Refusal):
    """Another live session holds the room at that time, set-up and tear-down included."""


class RoomClosed(Refusal):
    """The room is not open at that time: opening hours, a closure or a public holiday."""


class SessionsInClosure(Refusal):
    """Tests to come lie in what is to be closed: they are mended first."""


class RoomUnsuitable(Refusal):
    """The room is not of the kind that the standard asks for, or is retired."""


class HourSkipped(Refusal):
    """The clock in Brussels does not show that time on that day: it goes forward one hour."""


class RuleUnreadable(Refusal):
    """The pattern is no RRULE of days: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, with an end (COUNT or UNTIL)."""


class SeriesTooLong(Refusal):
    """The pattern gives no day at all, or more than a series may have."""


class SeriesChanged(Refusal):
    """Between the preview and the order something was taken: nothing is written, the preview is made anew."""


class EquipmentBusy(Refusal):
    """Another live session holds the piece of equipment at that time."""


class EquipmentUnsuitable(Refusal):
    """The piece of equipment is not this centre's, or is retired."""


class EquipmentShort(Refusal):
    """The centre has too few free pieces of the kind that the standard asks for."""


class AssessorBusy(Refusal):
    """The assessor is engaged elsewhere at that time."""


class AssessorAway(Refusal):
    """The assessor has said that they cannot come then, or their own calendar is busy."""


class AssessorLeaving(Refusal):
    """They retired, or asked to be forgotten: no new duty."""


class AssessorOverLimit(Refusal):
    """The assessor takes no more sessions on that day, or in that week."""


class AssessorOutOfReach(Refusal):
    """The way from the assessor's other session that day is longer than the time between the two."""


class InvitationUnanswered(Refusal):
    """Somebody who is invited to the jury has not said yes."""


class InvitationOver(Refusal):
    """The invitation was answered, has lapsed, or its seat was taken back."""


class AnswerDateImpossible(Refusal):
    """The last moment to answer has passed, or lies after the test has begun."""


class CalendarUnreadable(Refusal):
    """The file is no calendar (RFC 5545), or far too large a one."""


class AssessorAlreadySeated(Refusal):
    """The assessor already has a seat in this jury: all members are distinct."""


class ManagerAlreadySeated(Refusal):
    """The jury already has its manager: exactly one."""


class AssessorUnqualified(Refusal):
    """The assessor is not qualified for the trade, in this role, on that date."""


class LanguageNotSpoken(Refusal):
    """The assessor does not speak the language of the session."""


class ObserverNotExternal(Refusal):
    """The observer works for the centre: an observer comes from outside."""


class ManagerNotOfCentre(Refusal):
    """The manager's seat belongs to the manager, or a delegate, of the session's own centre."""


class AssessorKnowsCandidate(Refusal):
    """Kinship or a professional link between a jury member and a candidate of the session."""


class SeatsExceedCapacity(Refusal):
    """More seats than stations, evaluators × candidates per evaluator, or pieces of equipment."""


class AccreditationMissing(Refusal):
    """No accreditation of this centre for this trade covers the whole session."""


class JuryIncomplete(Refusal):
    """An evaluator, an observer or the manager is missing, or no longer qualified."""


class SessionOver(Refusal):
    """The session is cancelled, or its test has ended."""


class SessionFull(Refusal):
    """Every seat is taken."""


class SessionNotOpen(Refusal):
    """The session takes no bookings now: not open yet, locked, begun or cancelled."""


class NotInThatState(Refusal):
    """The act belongs to another moment of the life of the session or the booking."""


class CancellationUnmotivated(Refusal):
    """A cancellation gives its reason."""


class SessionsDiffer(Refusal):
    """Two sessions are merged only if they test the same unit in the same language at the same centre."""


class RepairOutdated(Refusal):
    """Something in the sessions concerned has changed since the repair was proposed: nothing is applied."""


class CandidateBusy(Refusal):
    """The candidate has another test at that time."""


class UnitAlreadyBooked(Refusal):
    """The candidate already has a live booking for this unit."""


class CandidateTooYoung(Refusal):
    """Under the scheme's minimum age on the test date."""


class TitreAlreadyHeld(Refusal):
    """The candidate holds the Titre of this unit."""


class GuidanceRequired(Refusal):
    """Two failures on the unit, in any centre, and no guidance since."""


class RetakeTooSoon(Refusal):
    """The scheme asks for some days between a failure and the next test of the unit."""


class ContractUnsigned(Refusal):
    """No signed test contract, no test: it is the accident insurance."""


class CandidateErased(Refusal):
    """The candidate asked to be forgotten."""


class TooManyHolds(Refusal):
    """The candidate holds as many seats as a person may hold at a time."""


class HoldExpired(Refusal):
    """The seat was held for a while, and was not confirmed in that time."""


class SameSession(Refusal):
    """The booking is in that session already."""


class UnitDiffers(Refusal):
    """A booking moves to another session of its own unit only."""


class ExcuseUnmotivated(Refusal):
    """Who asks to be excused says why."""


class ExcuseRefusalUnmotivated(Refusal):
    """Who does not excuse an absence says why not."""


class ExcuseAlreadyAsked(Refusal):
    """The candidate asked to be excused for this booking already."""


class ExcuseTooLate(Refusal):
    """Too many days have gone by since the test."""


class ExcuseSettled(Refusal):
    """The centre has answered already."""


class AlreadyWaiting(Refusal):
    """The candidate waits for this unit already."""


class WaitingForNothing(Refusal):
    """No place could ever answer this: no language, no centre, no half-day, or a last day before the first."""


class RoomNotAccessible(Refusal):
    """The candidate was granted a room that can be reached without steps, and this one cannot."""


class CompanionBusy(Refusal):
    """The interpreter or reader is engaged elsewhere at that time, or sits on the jury."""


class CompanionAlreadyFound(Refusal):
    """Somebody is engaged for this candidate and measure already."""


class CompanionMissing(Refusal):
    """A candidate of the session was granted an interpreter or reader, and nobody is engaged yet."""


class TooManyBookings(Refusal):
    """The candidate already holds as many coming places as one person may."""


class OpeningAnnounced(Refusal):
    """The places of this session are announced: they will be drawn, nobody opens or announces them before."""


class OpeningOver(Refusal):
    """Nobody asks for these places any more: they were drawn, or the draw was called off."""


class DrawTooLate(Refusal):
    """A draw lies between now and the test."""


class AlertTooWide(Refusal):
    """An alert is about a trade or a test that there is, and about days to come."""


class TooManyAlerts(Refusal):
    """The candidate has as many live alerts as one may have."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "not_found": NotFound, "session_not_open": SessionNotOpen, "too_many_holds": TooManyHolds,
    "room_busy": RoomBusy, "room_closed": RoomClosed, "room_unsuitable": RoomUnsuitable, "equipment_busy": EquipmentBusy,
    "equipment_unsuitable": EquipmentUnsuitable, "assessor_busy": AssessorBusy, "assessor_away": AssessorAway,
    "assessor_leaving": AssessorLeaving,
    "assessor_over_limit": AssessorOverLimit, "assessor_out_of_reach": AssessorOutOfReach,
    "invitation_unanswered": InvitationUnanswered, "assessor_already_seated": AssessorAlreadySeated,
    "manager_already_seated": ManagerAlreadySeated, "assessor_unqualified": AssessorUnqualified,
    "language_not_spoken": LanguageNotSpoken, "observer_not_external": ObserverNotExternal,
    "manager_not_of_centre": ManagerNotOfCentre, "assessor_knows_candidate": AssessorKnowsCandidate,
    "seats_exceed_capacity": SeatsExceedCapacity, "accreditation_missing": AccreditationMissing,
    "jury_incomplete": JuryIncomplete, "session_over": SessionOver, "session_full": SessionFull,
    "cancellation_unmotivated": CancellationUnmotivated, "candidate_busy": CandidateBusy,
    "unit_already_booked": UnitAlreadyBooked, "candidate_too_young": CandidateTooYoung,
    "titre_already_held": TitreAlreadyHeld, "guidance_required": GuidanceRequired, "contract_unsigned": ContractUnsigned,
    "retake_too_soon": RetakeTooSoon, "candidate_erased": CandidateErased, "excuse_unmotivated": ExcuseUnmotivated,
    "excuse_refusal_unmotivated": ExcuseRefusalUnmotivated, "excuse_already_asked": ExcuseAlreadyAsked,
    "already_waiting": AlreadyWaiting, "room_not_accessible": RoomNotAccessible, "companion_busy": CompanionBusy,
    "companion_already_found": CompanionAlreadyFound, "companion_missing": CompanionMissing,
    "waiting_for_nothing": WaitingForNothing, "too_many_bookings": TooManyBookings,
    "opening_announced": OpeningAnnounced, "opening_over": OpeningOver, "alert_too_wide": AlertTooWide,
    "too_many_alerts": TooManyAlerts, "sessions_in_closure": SessionsInClosure,
}  # fmt: skip
