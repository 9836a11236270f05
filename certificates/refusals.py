"""Every no of the certificates domain, by name."""


class Refusal(Exception):
    """The request is understood and declined by a rule."""


class NotFound(Refusal):
    """There is no such certificate."""


class CertificateWithdrawn(Refusal):
    """A withdrawn certificate stays withdrawn."""


class ReasonUnstated(Refusal):
    """A suspension or a withdrawal states its reason."""


class NotInThatState(Refusal):
    """The certificate is not suspended, or already is."""


class NotPrintable(Refusal):
    """A name holds characters that no font at hand can print."""


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "certificate_withdrawn": CertificateWithdrawn,
    "reason_unstated": ReasonUnstated,
}
