"""A no that belongs on the form where it was met, not on a page of its own: the reader keeps what they typed."""

from types import TracebackType

import assessments.refusals
import certificates.refusals
import scheduling.refusals
from service.i18n import Words
from service.problems import REFUSALS, problem_of
from service.refusals import TryAgain

DECLINED = (assessments.refusals.Refusal, certificates.refusals.Refusal, scheduling.refusals.Refusal, TryAgain)
ABSENT = (assessments.refusals.NotFound, certificates.refusals.NotFound, scheduling.refusals.NotFound)


class Declined:
    """`with Declined() as no:` around a transaction; afterwards `no.refusal` is what was said, or None.

    What is absent, or out of reach, stays a 404; everything unforeseen goes on its way.
    """

    refusal: Exception | None = None

    def __enter__(self) -> "Declined":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, DECLINED) and not isinstance(error, ABSENT):
            self.refusal = error
        return self.refusal is not None

    @property
    def status(self) -> int:
        return problem_of(self.refusal)[1] if self.refusal else 200

    def errors(self, words: Words, fields: dict[type[Exception], str] | None = None) -> dict[str, str]:
        """For forms.error_summary: the sentence, at the field that can cure it; "" for the form as a whole."""
        if self.refusal is None:
            return {}
        return {(fields or {}).get(type(self.refusal), ""): sentence(words, type(self.refusal))}


def sentence(words: Words, refusal: type[Exception]) -> str:
    """What happened and what to do about it, in one line."""
    problem = REFUSALS[refusal]
    return f"{words.gettext(problem.title)}. {words.gettext(problem.advice)}"
