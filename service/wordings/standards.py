"""What refusals about the catalogue, and about what is valid for a time, say to people."""

from assessments import standard_refusals as refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.StandardChanged: (
        409,
        N_("Somebody else changed this meanwhile"),
        N_("What you wrote is still here. Look at their change, then save again: yours takes its place."),
    ),
    refusals.StandardOvertaken: (
        409,
        N_("Another version came into force since this draft was begun"),
        N_("Compare the two, bring over what is missing, and say that the draft replaces it."),
    ),
    refusals.StandardIncomplete: (
        409,
        N_("The grid is not complete"),
        N_("Every criterion needs words in French and Dutch, indicators, and a threshold that can be met."),
    ),
    refusals.StandardUnpublished: (
        409,
        N_("This version is still a draft"),
        N_("Publish it first."),
    ),
    refusals.SchemeChanged: (
        409,
        N_("Somebody else changed this scheme meanwhile"),
        N_("What you wrote is still here. Look at their change, then save again: yours takes its place."),
    ),
    refusals.NotAPicture: (
        422,
        N_("This picture cannot be used"),
        N_("Choose a JPEG, PNG or WebP image of at most 8 MB."),
    ),
    refusals.UndertakingOverlaps: (
        409,
        N_("This is already on record for some of these days"),
        N_("Choose a period after the one on record."),
    ),
    refusals.DocumentUnusable: (
        422,
        N_("This document cannot be used"),
        N_("Choose a PDF, JPEG or PNG file of at most 5 MB."),
    ),
    refusals.DeclarationMissing: (
        409,
        N_("There is no declaration of interests for the day of the test"),
        N_("Record it under what is valid and what lapses, or choose somebody else."),
    ),
    refusals.ConfidentialityUnsigned: (
        409,
        N_("There is no promise of confidentiality for the day of the test"),
        N_("Record it under what is valid and what lapses, or choose somebody else."),
    ),
    refusals.LanguageNotInScheme: (
        409,
        N_("The scheme holds no test in this language"),
        N_("Choose another language, or change the scheme."),
    ),
}
