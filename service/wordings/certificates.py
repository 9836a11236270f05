"""What refusals about what is proved say to people: status, what happened, what to do next."""

from certificates import refusals
from service.i18n import N_

SAID: dict[type[Exception], tuple[int, str, str]] = {
    refusals.NotFound: (404, N_("We cannot find this"), N_("It may have been removed, or it belongs to someone else.")),
    refusals.NotInThatState: (
        409,
        N_("This cannot be done at this stage"),
        N_("Reload the page to see how things stand now."),
    ),
    refusals.CertificateWithdrawn: (
        409,
        N_("This certificate is withdrawn for good"),
        N_("A withdrawn certificate does not come back."),
    ),
    refusals.ReasonUnstated: (
        422,
        N_("Say why"),
        N_("A suspension or a withdrawal states its reason."),
    ),
    refusals.NotPrintable: (
        422,
        N_("A name cannot be printed"),
        N_("It has characters that our fonts do not know. Ask the centre to record it in Latin letters."),
    ),
}
