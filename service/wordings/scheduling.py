"""What refusals about when and where say to people: status, what happened, what to do next."""

from scheduling import refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.NotFound: (404, N_("We cannot find this"), N_("It may have been removed, or it belongs to someone else.")),
    refusals.RoomBusy: (
        409,
        N_("The room is taken at that time"),
        N_("Set-up, extra time and tear-down count too. Choose another time or another room."),
    ),
    refusals.RoomClosed: (
        409,
        N_("The room is closed at that time"),
        N_("Look at the opening hours, the closures and the public holidays, then choose another time."),
    ),
    refusals.RoomUnsuitable: (
        422,
        N_("This room does not suit the test"),
        N_("The standard asks for another kind of room. Choose one of that kind."),
    ),
    refusals.HourSkipped: (
        422,
        N_("There is no such time on that day"),
        N_("The clocks go forward one hour. Choose another time."),
    ),
    refusals.RuleUnreadable: (
        422,
        N_("We cannot read this pattern of dates"),
        N_("Give an RRULE by days, weeks, months or years, and say when it ends (COUNT or UNTIL)."),
    ),
    refusals.EquipmentBusy: (
        409,
        N_("A piece of equipment is taken at that time"),
        N_("Another session holds it. Choose another time or another piece."),
    ),
    refusals.EquipmentUnsuitable: (
        422,
        N_("This piece of equipment cannot be used here"),
        N_("It belongs to another centre or is out of use. Choose another piece."),
    ),
    refusals.EquipmentShort: (
        409,
        N_("There is not enough free equipment at that time"),
        N_("Each seat needs its own piece. Lower the number of seats or choose another time."),
    ),
    refusals.AssessorBusy: (
        409,
        N_("This person is engaged elsewhere at that time"),
        N_("Choose another person or another time."),
    ),
    refusals.AssessorOutOfReach: (
        409,
        N_("This person cannot travel between the two sites in time"),
        N_("They have another session that day. Choose another person or another time, or give your reason."),
    ),
    refusals.AnswerDateImpossible: (
        422,
        N_("The last day to answer is not possible"),
        N_("It lies in the future and before the beginning of the test."),
    ),
    refusals.CalendarUnreadable: (
        422,
        N_("We cannot read this calendar"),
        N_("Export your calendar as an .ics file of at most 1 MB, then choose that file."),
    ),
    refusals.AssessorAlreadySeated: (
        409,
        N_("This person already sits on the jury"),
        N_("The members of a jury are all different people. Choose someone else."),
    ),
    refusals.ManagerAlreadySeated: (
        409,
        N_("The jury already has its manager"),
        N_("Release that seat first if someone else completes the jury."),
    ),
    refusals.AssessorUnqualified: (
        422,
        N_("This person is not qualified for this trade on that date"),
        N_("Choose a qualified person, or record the qualification first."),
    ),
    refusals.LanguageNotSpoken: (
        422,
        N_("This person does not speak the language of the session"),
        N_("Choose someone who does: a session keeps its language."),
    ),
    refusals.ObserverNotExternal: (
        422,
        N_("The observer works for this centre"),
        N_("An observer comes from outside the centre. Choose someone else."),
    ),
    refusals.ManagerNotOfCentre: (
        422,
        N_("This person is not a manager of this centre"),
        N_("The manager of the session’s own centre, or a delegate, completes the jury."),
    ),
    refusals.AssessorKnowsCandidate: (
        409,
        N_("A jury member has a tie with the candidate"),
        N_("Kinship or a professional link excludes. Choose another session or another jury member."),
    ),
    refusals.SeatsExceedCapacity: (
        409,
        N_("There are more seats than the session can hold"),
        N_("Stations, evaluators and equipment set the limit. Lower the seats or add an evaluator."),
    ),
    refusals.AccreditationMissing: (
        409,
        N_("The centre has no accreditation for this trade on that date"),
        N_(
            "Without an accreditation that covers the whole session there is no validation. Record it "
            "first, or choose another date."
        ),
    ),
    refusals.JuryIncomplete: (
        409,
        N_("The jury is not complete"),
        N_("It needs a qualified evaluator, an external observer and the manager of the centre."),
    ),
    refusals.SessionOver: (
        409,
        N_("This session is over"),
        N_("It was cancelled, or its test has ended."),
    ),
    refusals.SessionFull: (
        409,
        N_("This session is full"),
        N_("Every place is taken. Choose another session, or look again later: places come free."),
    ),
    refusals.SessionNotOpen: (
        409,
        N_("This session takes no bookings now"),
        N_("It is not open yet, or its list is closed. Choose another session."),
    ),
    refusals.NotInThatState: (
        409,
        N_("This cannot be done at this stage"),
        N_("Reload the page to see how things stand now."),
    ),
    refusals.CancellationUnmotivated: (
        422,
        N_("Say why the session is cancelled"),
        N_("The candidates and the jury read the reason."),
    ),
    refusals.CandidateBusy: (
        409,
        N_("You already have a test at that time"),
        N_("Nobody can be in two places at once. Choose another time."),
    ),
    refusals.UnitAlreadyBooked: (
        409,
        N_("You already have a place for this unit"),
        N_("If you prefer another session, change the date of that place: it is kept until you have the other one."),
    ),
    refusals.CandidateTooYoung: (
        422,
        N_("You must be 18 on the day of the test"),
        N_("Choose a session after your eighteenth birthday."),
    ),
    refusals.TitreAlreadyHeld: (
        409,
        N_("You already hold the certificate of this unit"),
        N_("There is nothing more to prove here. Look at the other units of the trade."),
    ),
    refusals.GuidanceRequired: (
        409,
        N_("A guidance meeting comes first"),
        N_(
            "After failures on this unit, a specialist of the trade helps you to prepare. Ask any "
            "accredited centre for a meeting; after it you can book again."
        ),
    ),
    refusals.RetakeTooSoon: (
        409,
        N_("It is too soon after the last test"),
        N_("After a failure the scheme asks for some days before the next test. Choose a later date."),
    ),
    refusals.ContractUnsigned: (
        409,
        N_("A test contract is not signed"),
        N_(
            "The contract is the accident insurance: without it there is no test. Check everyone in, "
            "or mark who did not come."
        ),
    ),
    refusals.TooManyHolds: (
        409,
        N_("You hold several places already"),
        N_("Confirm one of them or give one back. Places that are held keep others waiting."),
    ),
    refusals.HoldExpired: (
        409,
        N_("The time to confirm this place is over"),
        N_("It is free for others again. If it is still there, you can book it now."),
    ),
    refusals.SameSession: (
        409,
        N_("This is the session you already have"),
        N_("Choose another date, or leave it as it is."),
    ),
    refusals.UnitDiffers: (
        422,
        N_("This session is for another test"),
        N_("You can change the date, not the test. Book the other test on its own page."),
    ),
    refusals.ExcuseUnmotivated: (
        422,
        N_("Say what happened"),
        N_("The centre needs a reason to excuse an absence. A few words are enough."),
    ),
    refusals.ExcuseRefusalUnmotivated: (
        422,
        N_("Say why you do not excuse this absence"),
        N_("The candidate reads your answer."),
    ),
    refusals.ExcuseAlreadyAsked: (
        409,
        N_("You asked to be excused already"),
        N_("The centre reads your reason and writes to you."),
    ),
    refusals.ExcuseTooLate: (
        409,
        N_("It is too late to ask to be excused"),
        N_("Too many days have gone by since the test. Talk to your centre."),
    ),
    refusals.ExcuseSettled: (
        409,
        N_("This was answered already"),
        N_("Reload the page to see the answer."),
    ),
    refusals.AlreadyWaiting: (
        409,
        N_("You are on this waiting list already"),
        N_("Change what suits you on the page of your waiting list."),
    ),
    refusals.WaitingForNothing: (
        422,
        N_("With these answers no place could ever suit you"),
        N_("Choose at least one language, one half-day and one centre, and a last day after the first."),
    ),
    refusals.RoomNotAccessible: (
        409,
        N_("This room cannot be reached without steps"),
        N_("You were granted a room that can. Choose another session, or ask the centre to change the room."),
    ),
    refusals.CompanionBusy: (
        409,
        N_("This person is engaged elsewhere at that time"),
        N_("Choose another interpreter or reader, or another time."),
    ),
    refusals.CompanionAlreadyFound: (
        409,
        N_("Somebody is engaged for this candidate already"),
        N_("Release that person first if someone else comes."),
    ),
    refusals.CompanionMissing: (
        409,
        N_("An interpreter or reader is missing"),
        N_("A candidate of this session was granted one. Engage somebody before you close the list."),
    ),
    refusals.CandidateErased: (
        409,
        N_("This person asked us to forget them"),
        N_("Their file is closed. Whoever wants to take a test again registers anew."),
    ),
    refusals.TooManyBookings: (
        409,
        N_("You already hold as many places as one person may"),
        N_("Places are few. Take one of your tests first, or give a place back; then you can book another one."),
    ),
    refusals.DrawTooLate: (
        422,
        N_("This moment does not suit a draw"),
        N_("Choose a moment that is still to come and lies before the test."),
    ),
    refusals.AlertTooWide: (
        422,
        N_("Say which trade or test the alert is about"),
        N_("Choose one, or type a word that we find, and a last day that is still to come."),
    ),
    refusals.TooManyAlerts: (
        409,
        N_("You have five alerts already"),
        N_("Stop one that you no longer need, then ask again."),
    ),
}
