"""Every no of the assessments domain, by name; service/problems.py gives each its words and its status."""


class Refusal(Exception):
    """The request is understood and declined by a rule."""


class NotFound(Refusal):
    """There is no such thing, or not for this caller."""


class StandardPublished(Refusal):
    """A published standard never changes; a new version takes its place."""


class AccreditationOverlaps(Refusal):
    """The centre is already accredited for the trade on some of those days."""


class QualificationOverlaps(Refusal):
    """The assessor is already qualified for the trade, in this role, on some of those days."""


class CandidateEmailKnown(Refusal):
    """Another candidate has this address."""


class AssessorEmailKnown(Refusal):
    """Another assessor has this address."""


class LinkAlreadyDeclared(Refusal):
    """This tie between the two is on record."""


class LinkInJury(Refusal):
    """Both are in the same coming session: the seat changes hands before the tie is declared."""


class RefusalUnmotivated(Refusal):
    """A measure is refused with a motivation, or granted."""


class AccommodationAlreadyAsked(Refusal):
    """The candidate asked for this measure, and it is not answered yet."""


class AccommodationSettled(Refusal):
    """The request was granted or refused before."""


class NotInJury(Refusal):
    """The person has no seat, in that role, in the jury of this candidate's session."""


class CandidateNotAttended(Refusal):
    """Who did not attend is not assessed."""


class RecordingAlreadyStarted(Refusal):
    """The assessor has a recording for this candidate."""


class RecordingSubmitted(Refusal):
    """Submitted means sealed."""


class NotYourRecording(Refusal):
    """Only who assesses writes in a recording."""


class RatingMissing(Refusal):
    """An indicator of the grid, or a line of the check-list, has no rating."""


class IndicatorUnknown(Refusal):
    """The grid of this test has no such indicator."""


class ReasonMissing(Refusal):
    """Not observed: say why."""


class RatingDisputed(Refusal):
    """Two devices of one assessor say different things: they choose, and say why."""


class RecordingNotSubmitted(Refusal):
    """What is not submitted yet is rated, not corrected."""


class MotiveMissing(Refusal):
    """A choice between two entries, or a correction, says why."""


class EntryOutOfOrder(Refusal):
    """A device sends its entries in their order, each number once."""


class NotAPhoto(Refusal):
    """A photograph is a JPEG of at most 1.5 MB."""


class DeliberationTooEarly(Refusal):
    """The evaluator and the observer have not both submitted, or somebody is still writing."""


class AlreadyDeliberated(Refusal):
    """The jury has deliberated on this candidate."""


class MotivationMissing(Refusal):
    """The jury departs from the proposal, or the grid could not decide: it says why."""


class OutcomeOutvoted(Refusal):
    """The outcome is not the one that most of the three votes carry."""


class NotDeliberated(Refusal):
    """No decision before the jury has deliberated."""


class NoJuryInScheme(Refusal):
    """The scheme gives a profile: no deliberation, no decision, no appeal."""


class LaxerProfile(Refusal):
    """A decision may be held to a stricter profile than the scheme's, never to a laxer one."""


class AlreadyDecided(Refusal):
    """There is a decision on this candidate's test."""


class DeciderExamined(Refusal):
    """Who decides neither evaluated nor observed; in the strict profile, was nobody of the jury."""


class DeciderKnowsCandidate(Refusal):
    """Kinship, a professional or a teaching link bars from the decision too."""


class DecisionDiffersFromJury(Refusal):
    """The first decision is what the jury said."""


class DecisionUnreleased(Refusal):
    """The decision has not been released."""


class DecisionSuperseded(Refusal):
    """A revised decision took this one's place."""


class AppealTooLate(Refusal):
    """The days in which to appeal are over, or the scheme gives none."""


class GroundsMissing(Refusal):
    """An appeal says what it objects to."""


class AlreadyAppealed(Refusal):
    """The decision is under appeal, or was."""


class AppealAnswered(Refusal):
    """The appeal has its answer."""


class AppealNotUpheld(Refusal):
    """A decision is revised for an appeal that was upheld, and for nothing else."""


class AnswerUnmotivated(Refusal):
    """The answer to an appeal gives its reasons."""


class ReviewerInJury(Refusal):
    """Who reviews was not on the jury, did not take the decision and has no tie with the candidate."""


class NotAReviewer(Refusal):
    """Only an appointed reviewer answers an appeal and revises the decision."""


class NotAScreening(Refusal):
    """The scheme has a jury: its result is a decision, not a profile."""


class ProfileTooEarly(Refusal):
    """The evaluator has not submitted."""


class ProfileAlreadyReleased(Refusal):
    """The candidate has the profile of this screening."""


class NotARecognition(Refusal):
    """The scheme gives another kind of result."""


class RecognitionTooEarly(Refusal):
    """Not all evaluators have submitted."""


class AlreadyRecognised(Refusal):
    """There is a result for this candidate's test."""


class FeeNotDue(Refusal):
    """There is nothing to pay, or it is settled."""


class NationalNumberInvalid(Refusal):
    """Eleven digits, the last two of which follow from the others."""


class NationalNumberKnown(Refusal):
    """Another candidate has this national number."""


class RecipientMissing(Refusal):
    """A consent says for whom."""


class PurposeMissing(Refusal):
    """A consent says what for."""


class ConsentPeriodUnusable(Refusal):
    """A consent ends in the future, and not later than the policy says."""


class StillExpected(Refusal):
    """Who holds a seat is not erased: the booking ends first."""


class DecisionAwaited(Refusal):
    """Who waits for a result, or for the answer to an appeal, is not erased before it is there."""


class NameUnreadable(Refusal):
    """A name or an address holds characters that steer how text is shown, and show nothing themselves."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "accommodation_already_asked": AccommodationAlreadyAsked,
    "standard_published": StandardPublished,
    "accreditation_overlaps": AccreditationOverlaps,
    "qualification_overlaps": QualificationOverlaps,
    "candidate_email_known": CandidateEmailKnown,
    "assessor_email_known": AssessorEmailKnown,
    "link_already_declared": LinkAlreadyDeclared,
    "link_in_jury": LinkInJury,
    "refusal_unmotivated": RefusalUnmotivated,
    "not_in_jury": NotInJury,
    "candidate_not_attended": CandidateNotAttended,
    "recording_already_started": RecordingAlreadyStarted,
    "recording_submitted": RecordingSubmitted,
    "rating_missing": RatingMissing,
    "indicator_unknown": IndicatorUnknown,
    "reason_missing": ReasonMissing,
    "recording_not_submitted": RecordingNotSubmitted,
    "motive_missing": MotiveMissing,
    "entry_out_of_order": EntryOutOfOrder,
    "deliberation_too_early": DeliberationTooEarly,
    "already_deliberated": AlreadyDeliberated,
    "motivation_missing": MotivationMissing,
    "outcome_outvoted": OutcomeOutvoted,
    "already_decided": AlreadyDecided,
    "decider_examined": DeciderExamined,
    "decider_knows_candidate": DeciderKnowsCandidate,
    "decision_differs_from_jury": DecisionDiffersFromJury,
    "already_appealed": AlreadyAppealed,
    "appeal_answered": AppealAnswered,
    "grounds_missing": GroundsMissing,
    "answer_unmotivated": AnswerUnmotivated,
    "reviewer_in_jury": ReviewerInJury,
    "not_a_reviewer": NotAReviewer,
    "profile_already_released": ProfileAlreadyReleased,
    "not_a_screening": NotAScreening,
    "not_a_recognition": NotARecognition,
    "recognition_too_early": RecognitionTooEarly,
    "already_recognised": AlreadyRecognised,
    "national_number_known": NationalNumberKnown,
    "recipient_missing": RecipientMissing,
    "purpose_missing": PurposeMissing,
    "name_unreadable": NameUnreadable,
}
