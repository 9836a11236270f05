"""What refusals about what is tested and how it went say to people: status, what happened, what to do next."""

from assessments import refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.NotFound: (404, N_("We cannot find this"), N_("It may have been removed, or it belongs to someone else.")),
    refusals.StandardPublished: (
        409,
        N_("A published standard does not change"),
        N_("Publish a new version instead; sessions keep the one they opened with."),
    ),
    refusals.AccreditationOverlaps: (
        409,
        N_("The centre is already accredited on some of these days"),
        N_("Choose a period after the one on record."),
    ),
    refusals.QualificationOverlaps: (
        409,
        N_("This qualification is already on record for some of these days"),
        N_("Choose a period after the one on record."),
    ),
    refusals.CandidateEmailKnown: (
        409,
        N_("Another candidate has this email address"),
        N_("Use another address, or ask the centre to merge the two files."),
    ),
    refusals.AssessorEmailKnown: (
        409,
        N_("Another assessor has this email address"),
        N_("Use another address, or look the person up in the list."),
    ),
    refusals.LinkAlreadyDeclared: (
        409,
        N_("This tie is already on record"),
        N_("There is nothing more to do."),
    ),
    refusals.LinkInJury: (
        409,
        N_("Both are in the same coming session"),
        N_("Give the jury seat to someone else first, then declare the tie."),
    ),
    refusals.RefusalUnmotivated: (
        422,
        N_("Say why the measure is refused"),
        N_("The candidate reads the reason."),
    ),
    refusals.AccommodationAlreadyAsked: (
        409,
        N_("You asked for this already"),
        N_("The centre reads it and writes to you."),
    ),
    refusals.AccommodationSettled: (
        409,
        N_("This request has its answer"),
        N_("It was granted or refused before."),
    ),
    refusals.NotInJury: (
        403,
        N_("You do not sit on the jury of this session"),
        N_("Only its evaluators and observers record."),
    ),
    refusals.CandidateNotAttended: (
        409,
        N_("The candidate did not attend"),
        N_("Only someone who took the test is assessed."),
    ),
    refusals.RecordingAlreadyStarted: (
        409,
        N_("You already have a grid for this candidate"),
        N_("Open the existing grid."),
    ),
    refusals.RecordingSubmitted: (
        409,
        N_("This grid is submitted and sealed"),
        N_("Nothing in it can be changed any more."),
    ),
    refusals.NotYourRecording: (
        403,
        N_("This grid is someone else’s"),
        N_("Everyone records in their own grid."),
    ),
    refusals.RatingMissing: (
        422,
        N_("Some lines have no rating yet"),
        N_("Rate every line, or choose “not observed” and say why."),
    ),
    refusals.IndicatorUnknown: (
        422,
        N_("The grid has no such line"),
        N_("Reload the grid and try again."),
    ),
    refusals.ReasonMissing: (
        422,
        N_("Say why it was not observed"),
        N_("“Not observed” never counts silently against the candidate."),
    ),
    refusals.RatingDisputed: (
        409,
        N_("Two of your devices say different things"),
        N_("Choose which of the two counts, and say why. Both are kept."),
    ),
    refusals.RecordingNotSubmitted: (
        409,
        N_("This grid is not submitted yet"),
        N_("Change the rating itself: a correction is for a grid that is submitted."),
    ),
    refusals.MotiveMissing: (
        422,
        N_("Say why you choose or correct this"),
        N_("One sentence is enough. The jury reads it."),
    ),
    refusals.EntryOutOfOrder: (
        409,
        N_("An entry is missing before this one"),
        N_("The device sends its entries again, from the first that is missing."),
    ),
    refusals.NotAPhoto: (
        422,
        N_("This photo cannot be used"),
        N_("Take a JPEG photo of at most 1.5 MB."),
    ),
    refusals.DeliberationTooEarly: (
        409,
        N_("The jury cannot deliberate yet"),
        N_("The evaluator and the observer submit their grids first."),
    ),
    refusals.AlreadyDeliberated: (
        409,
        N_("The jury has already deliberated"),
        N_("Its outcome is on record."),
    ),
    refusals.MotivationMissing: (
        422,
        N_("Give the jury’s reasons"),
        N_("The outcome departs from what the grid proposes, or the grid could not decide."),
    ),
    refusals.OutcomeOutvoted: (
        422,
        N_("The outcome does not follow the votes"),
        N_("Two of the three votes decide."),
    ),
    refusals.NotDeliberated: (
        409,
        N_("The jury has not deliberated yet"),
        N_("The decision follows the deliberation."),
    ),
    refusals.NoJuryInScheme: (
        409,
        N_("A screening has no jury"),
        N_("Its result is a profile, without deliberation or decision."),
    ),
    refusals.LaxerProfile: (
        422,
        N_("The scheme asks for a stricter decision"),
        N_("Someone outside the jury takes the decision."),
    ),
    refusals.AlreadyDecided: (
        409,
        N_("The decision is already taken"),
        N_("There is one decision for each test."),
    ),
    refusals.DeciderExamined: (
        403,
        N_("Whoever assessed does not decide"),
        N_("Someone who neither evaluated nor observed takes the decision."),
    ),
    refusals.DeciderKnowsCandidate: (
        403,
        N_("You have a tie with this candidate"),
        N_("Someone else takes the decision."),
    ),
    refusals.DecisionDiffersFromJury: (
        422,
        N_("The decision follows the jury"),
        N_("Only an appeal that is upheld can change it."),
    ),
    refusals.DecisionUnreleased: (
        409,
        N_("The decision is not released yet"),
        N_("Come back when the result has been announced."),
    ),
    refusals.DecisionSuperseded: (
        409,
        N_("A revised decision has replaced this one"),
        N_("Look at the newer decision."),
    ),
    refusals.AppealTooLate: (
        409,
        N_("The time to appeal is over"),
        N_("Talk to your centre: it can explain the decision and the next steps."),
    ),
    refusals.GroundsMissing: (
        422,
        N_("Say what you object to"),
        N_("A few sentences are enough."),
    ),
    refusals.AlreadyAppealed: (
        409,
        N_("There is already an appeal against this decision"),
        N_("You will receive the answer by email."),
    ),
    refusals.AppealAnswered: (
        409,
        N_("This appeal has its answer"),
        N_("Nothing more can be added to it."),
    ),
    refusals.AppealNotUpheld: (
        409,
        N_("The appeal was not upheld"),
        N_("A decision is revised only after an appeal that was upheld."),
    ),
    refusals.AnswerUnmotivated: (
        422,
        N_("Give the reasons of the answer"),
        N_("The candidate has a right to them."),
    ),
    refusals.ReviewerInJury: (
        409,
        N_("This person cannot review the appeal"),
        N_("A reviewer was not on the jury, did not take the decision and has no tie with the candidate."),
    ),
    refusals.NotAReviewer: (
        403,
        N_("You do not review this appeal"),
        N_("Only an appointed reviewer answers it."),
    ),
    refusals.NotAScreening: (
        409,
        N_("A validation ends with a decision"),
        N_("Only a screening gives a profile."),
    ),
    refusals.ProfileTooEarly: (
        409,
        N_("The profile is not ready yet"),
        N_("The evaluator submits the grid first."),
    ),
    refusals.ProfileAlreadyReleased: (
        409,
        N_("The profile is already released"),
        N_("The candidate has it."),
    ),
    refusals.NationalNumberInvalid: (
        422,
        N_("This is not a national number"),
        N_("It has eleven digits and stands on the back of the identity card. Compare it digit by digit."),
    ),
    refusals.NationalNumberKnown: (
        409,
        N_("This national number belongs to another file"),
        N_("You may have registered before, with another address. Ask your centre."),
    ),
    refusals.RecipientMissing: (
        422,
        N_("Say who may see it"),
        N_("Write the name of the person or the organisation."),
    ),
    refusals.PurposeMissing: (
        422,
        N_("Say what it is for"),
        N_("One sentence is enough. Without a purpose nobody is told."),
    ),
    refusals.ConsentPeriodUnusable: (
        422,
        N_("This last day cannot be used"),
        N_("Choose a day to come, at most two years from now."),
    ),
    refusals.StillExpected: (
        409,
        N_("There is still a booking"),
        N_("The booking has to end first. Cancel it, or ask the centre."),
    ),
    refusals.DecisionAwaited: (
        409,
        N_("A result is still to come"),
        N_("Your request is kept, and carried out by itself as soon as the result or the answer is there."),
    ),
    refusals.NameUnreadable: (
        422,
        N_("A name or an address holds characters that cannot be read"),
        N_("Write it again by hand instead of copying it. Letters and accents of every language are welcome."),
    ),
}
