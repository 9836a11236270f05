"""What a centre meets when it plans, and on the day: series, invitations, repairs, draws, who is absent."""

from scheduling import attendance_refusals, equipment_refusals, refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.SeriesTooLong: (
        422,
        N_("The pattern gives no date, or too many"),
        N_("A series has at least one date and at most 200, within two years. Choose other days or an earlier end."),
    ),
    refusals.SeriesChanged: (
        409,
        N_("The dates are no longer as you saw them"),
        N_("Something was taken in the meantime. Nothing was written. Look at the new preview, then choose again."),
    ),
    refusals.SessionsInClosure: (
        409,
        N_("Tests are planned in what is to be closed"),
        N_("Nothing is closed yet. Look at these sessions and repair them: that closes it, too."),
    ),
    attendance_refusals.AbsentTooEarly: (
        409,
        N_("The test has not begun: nobody is absent yet"),
        N_("Note an absence once the hour of the test has come."),
    ),
    attendance_refusals.TurnedAwayTooEarly: (
        409,
        N_("The test is not today: nobody is turned away yet"),
        N_(
            "Turn somebody away once they have come, on the day of the test. Before that day they can give their place back, "
            "or you move or cancel the session."
        ),
    ),
    attendance_refusals.AttendanceInUse: (
        409,
        N_("This cannot be taken back: something follows from it already"),
        N_(
            "A grid was begun, or an excuse was answered. A grid that was begun by mistake is removed by its assessor first."
        ),
    ),
    attendance_refusals.PresenceUnsettled: (
        409,
        N_("Of somebody it is not noted whether they are here"),
        N_("On the list of the day, note identity and contract of who is here, and who is absent. Then end the test."),
    ),
    equipment_refusals.EquipmentOutOfOrder: (
        409,
        N_("This equipment is out of order at that time"),
        N_("Choose another piece or another time, or say that it is in order again."),
    ),
    equipment_refusals.EquipmentCountedOn: (
        409,
        N_("Tests count on this equipment"),
        N_("It is not entered yet. Look at these sessions and repair them: that enters it, too."),
    ),
    equipment_refusals.EquipmentKnown: (
        409,
        N_("There is a piece with this name already"),
        N_("Give the new one another name."),
    ),
    equipment_refusals.EquipmentNeeded: (
        409,
        N_("Sessions need this piece, and no other one can take its place"),
        N_("Nothing has changed. Move or cancel these sessions first, or enter another piece."),
    ),
    refusals.SessionsDiffer: (
        409,
        N_("These two sessions cannot be merged"),
        N_("Both must test the same unit, in the same language, at the same centre."),
    ),
    refusals.AssessorLeaving: (
        409,
        N_("This person takes no seats any more"),
        N_("They retired, or asked to be forgotten. Choose somebody else."),
    ),
    refusals.AssessorAway: (
        409,
        N_("This person has said that they cannot come then"),
        N_("Choose another person or another time, or ask them and give your reason."),
    ),
    refusals.AssessorOverLimit: (
        409,
        N_("This person takes no more sessions on that day or in that week"),
        N_("Choose another person or another time, or ask them and give your reason."),
    ),
    refusals.InvitationUnanswered: (
        409,
        N_("Somebody on the jury has not accepted their invitation"),
        N_("Wait for the answer, or give the seat to someone else. Then close the list."),
    ),
    refusals.InvitationOver: (
        409,
        N_("This invitation is no longer open"),
        N_("It was answered, its time is over, or the centre has taken it back. If in doubt, call the centre."),
    ),
    refusals.OpeningAnnounced: (
        409,
        N_("The places of this session will be drawn"),
        N_("The draw is announced, and candidates are asking. Wait for it, or call it off first."),
    ),
    refusals.OpeningOver: (
        409,
        N_("You can no longer ask for these places"),
        N_("They were drawn, or there will be no draw. Places that are left over can be booked as usual."),
    ),
    refusals.RepairOutdated: (
        409,
        N_("Things have changed since this repair was proposed"),
        N_("Nothing was applied. Look at what has changed and at the new proposal, then decide again."),
    ),
    refusals.OpeningAnnounced: (
        409,
        N_("The places of this session will be drawn"),
        N_("The draw is announced, and candidates are asking. Wait for it, or call it off first."),
    ),
    refusals.OpeningOver: (
        409,
        N_("You can no longer ask for these places"),
        N_("They were drawn, or there will be no draw. Places that are left over can be booked as usual."),
    ),
    refusals.DrawTooLate: (
        422,
        N_("This moment does not suit a draw"),
        N_("Choose a moment that is still to come and lies before the test."),
    ),
}
