"""A clock that a test turns."""

from datetime import datetime


class Watch:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
