"""The small town of the interface's stories serves these too."""

from tests.service.conftest import town

__all__ = ["town"]
