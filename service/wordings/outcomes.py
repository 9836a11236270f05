"""What refusals about deliberations, appeals and complaints say to people: status, what happened, what to do next."""

from assessments import outcome_refusals as refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.JuryKnowsCandidate: (
        409,
        N_("Somebody of the jury has a tie with the candidate"),
        N_("This jury may not judge this test. The candidate has the right to a new one."),
    ),
    refusals.TestAnnulled: (
        409,
        N_("This test does not count"),
        N_("The candidate has the right to a new one. There is nothing left to judge here."),
    ),
    refusals.NoTieInJury: (
        409,
        N_("There is no tie between the jury and the candidate"),
        N_("A test is annulled here only for a tie that is on record. Everything else goes by an appeal."),
    ),
    refusals.SessionUndeliberated: (
        409,
        N_("The whole session is not deliberated yet"),
        N_("In this scheme the results of a session are told together. Deliberate on the other candidates first."),
    ),
    refusals.SessionUndecided: (
        409,
        N_("Somebody of this session is not decided on yet"),
        N_("Take the missing decisions first, then release the session."),
    ),
    refusals.AppealNotAdmitted: (
        409,
        N_("This appeal was not found admissible yet"),
        N_("First say whether its form is in order."),
    ),
    refusals.AppealAlreadyRuled: (
        409,
        N_("Whether this appeal is admissible was said already"),
        N_("Reload the page to see how it goes on."),
    ),
    refusals.RulingByJury: (
        403,
        N_("You had a part in what this appeal is about"),
        N_("Let another administrator say whether it is admissible."),
    ),
    refusals.MediationMissing: (409, N_("There is no meeting yet"), N_("Plan the meeting first.")),
    refusals.MediationOver: (
        409,
        N_("This meeting has its result"),
        N_("Nothing about it can be changed any more."),
    ),
    refusals.PlaceMissing: (422, N_("Say where the meeting is"), N_("A room, an address, or a telephone number.")),
    refusals.MediationResultMissing: (
        422,
        N_("Say in a few words what came of the meeting"),
        N_("The candidate reads it."),
    ),
    refusals.SubstituteUnneeded: (
        409,
        N_("Somebody of the centre may decide"),
        N_("A substitute decides only where every manager of the centre has a tie or sat on the jury."),
    ),
    refusals.SubstituteNoManager: (409, N_("A substitute is a manager of another centre"), N_("Choose from the list.")),
    refusals.SubstitutionUnmotivated: (
        422,
        N_("Say why somebody else decides"),
        N_("It stays with the decision, and in the audit trail."),
    ),
    refusals.ComplaintMissing: (422, N_("Say what happened"), N_("A few sentences are enough.")),
    refusals.ComplaintAnswerMissing: (
        422,
        N_("Say what was found and what follows"),
        N_("The candidate has a right to it."),
    ),
    refusals.ComplaintEnded: (
        409,
        N_("This complaint has ended"),
        N_("It was answered or taken back. Reload the page to see how."),
    ),
    refusals.ComplaintNotTakenUp: (
        409,
        N_("Nobody has taken this complaint up yet"),
        N_("Look into it first, then answer."),
    ),
    refusals.ComplaintAboutYou: (
        403,
        N_("You sat on the jury of the test that this is about"),
        N_("Let somebody answer who had no part in it: a colleague, or an administrator."),
    ),
    refusals.AssessorAwaited: (
        409,
        N_("This person is still waited for"),
        N_("The request is kept, and carried out by itself as soon as nothing is open any more."),
    ),
}
