"""What the catalogue, and what is valid for a time, may be refused for, beside what assessments/refusals.py has."""

from assessments.refusals import Refusal


class StandardChanged(Refusal):
    """Somebody else wrote in the draft, or threw it away, since it was read."""


class StandardOvertaken(Refusal):
    """Another version came into force since the draft was begun: publishing it would silently undo that one."""


class StandardIncomplete(Refusal):
    """A grid without criteria, indicators, words or thresholds that can be met is not published."""


class StandardUnpublished(Refusal):
    """Sessions are held, and versions retired, once they are published."""


class SchemeChanged(Refusal):
    """Somebody else changed the scheme's rules since they were read."""


class NotAPicture(Refusal):
    """Not an image, or too large a one."""


class UndertakingOverlaps(Refusal):
    """The assessor signed the same for some of those days."""


class DocumentUnusable(Refusal):
    """Neither a PDF nor a picture, or too large."""


class DeclarationMissing(Refusal):
    """The scheme asks its juries for a declaration of interests, and there is none for that day."""


class ConfidentialityUnsigned(Refusal):
    """The scheme asks its juries to promise confidentiality, and there is no promise for that day."""


class LanguageNotInScheme(Refusal):
    """The scheme holds no test in this language."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "standard_incomplete": StandardIncomplete,
    "standard_unpublished": StandardUnpublished,
    "undertaking_overlaps": UndertakingOverlaps,
    "declaration_missing": DeclarationMissing,
    "confidentiality_unsigned": ConfidentialityUnsigned,
    "language_not_in_scheme": LanguageNotInScheme,
}
