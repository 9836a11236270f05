"""What a deliberation, a release, an appeal or a complaint may be refused for, beside what assessments/refusals.py has."""

from assessments.refusals import Refusal


class JuryKnowsCandidate(Refusal):
    """A tie between the candidate and somebody of the jury is on record: this jury does not judge the test."""


class TestAnnulled(Refusal):
    """The test does not count any more: the candidate has the right to another one."""

    __test__ = False


class NoTieInJury(Refusal):
    """A test is annulled for a tie between its jury and the candidate, and there is none."""


class SessionUndeliberated(Refusal):
    """In this scheme nobody is told before the whole session is deliberated."""


class SessionUndecided(Refusal):
    """A session is released as a whole once there is a decision about everybody who attended."""


class AppealNotAdmitted(Refusal):
    """The appeal was not found admissible yet: a panel comes after that."""


class AppealAlreadyRuled(Refusal):
    """Whether the appeal is admissible was said already."""


class RulingByJury(Refusal):
    """Who rules on the form of an appeal had no part in what it is about."""


class MediationMissing(Refusal):
    """There is no mediation to say something about."""


class MediationOver(Refusal):
    """The mediation has its result."""


class PlaceMissing(Refusal):
    """A meeting has a place."""


class MediationResultMissing(Refusal):
    """The result of a mediation is said in a few words."""


class ComplaintMissing(Refusal):
    """A complaint says what happened."""


class ComplaintAnswerMissing(Refusal):
    """The answer to a complaint says what was found, and what follows."""


class ComplaintEnded(Refusal):
    """The complaint has its answer, or was taken back."""


class ComplaintNotTakenUp(Refusal):
    """Somebody takes a complaint up before it is answered."""


class ComplaintAboutYou(Refusal):
    """Who answers for a test's conduct or staff sat on its jury."""


class SubstituteUnneeded(Refusal):
    """Somebody of the centre may decide: then nobody else does."""


class SubstituteNoManager(Refusal):
    """A substitute is a manager of another centre."""


class SubstitutionUnmotivated(Refusal):
    """Why does somebody decide who is not of the centre?"""


class AssessorAwaited(Refusal):
    """Somebody still waits for what this assessor has to do, or may still object to what they did."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "jury_knows_candidate": JuryKnowsCandidate,
    "test_annulled": TestAnnulled,
    "no_tie_in_jury": NoTieInJury,
    "session_undeliberated": SessionUndeliberated,
    "appeal_not_admitted": AppealNotAdmitted,
    "ruling_by_jury": RulingByJury,
    "place_missing": PlaceMissing,
    "mediation_result_missing": MediationResultMissing,
    "complaint_missing": ComplaintMissing,
    "complaint_answer_missing": ComplaintAnswerMissing,
    "complaint_ended": ComplaintEnded,
    "complaint_about_you": ComplaintAboutYou,
    "substitute_unneeded": SubstituteUnneeded,
    "substitute_no_manager": SubstituteNoManager,
    "substitution_unmotivated": SubstitutionUnmotivated,
}
