"""Answers that are kept as bytes while nothing changed: for reads that are the same for everybody.

PostgreSQL's snapshot is the list of the transactions that a reader sees: while its text stays the same, nothing was
committed, and the same question has the same answer. It is asked before an answer is made, so an answer that is newer
than its snapshot is merely made again. What changes by time alone is bounded by `good_until`.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

MOST = 64
LONGEST_KEY = 500


class Answer(Struct, frozen=True):
    """A body and its headers. `good_until`: when it would change although nothing was written; None: never."""

    body: bytes
    headers: dict[str, str]
    good_until: datetime | None


Question = TypeVar("Question")


class _Kept(NamedTuple, Generic[Question]):
    snapshot: str
    question: Question
    answer: Answer


class KeptAnswers(Generic[Question]):
    """The last answers of one process with their questions."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, _Kept[Question]] = OrderedDict()

    def asked(self, key: bytes) -> Question | None:
        """The question that was answered under this key, whether its answer is still right or not."""
        kept = self._kept.get(key)
        return None if kept is None else kept.question

    def get(self, key: bytes, snapshot: str, *, now: datetime) -> Answer | None:
        """The answer to `key`, if nothing was committed since it was made and its time is not over."""
        kept = self._kept.get(key)
        if kept is None or kept.snapshot != snapshot:
            return None
        if kept.answer.good_until is not None and kept.answer.good_until <= now:
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def keep(self, key: bytes, snapshot: str, question: Question, answer: Answer) -> None:
        """Keep it, if its key is of a likely length; the one that was asked for longest ago makes room."""
        if len(key) <= LONGEST_KEY:
            self._kept[key] = _Kept(snapshot, question, answer)
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
