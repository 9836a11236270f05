"""One JSON object per line, with the request's id, and nothing that tells who someone is.

An address can hold a secret (a calendar's, a sign-in link's) and the text of an exception can hold a row of the database;
so a request is logged by its route's pattern, an exception by its class and where it was raised, and a message of a
library by its template without the values. PREUVE_LOG=text is for a developer's eyes: there exceptions are whole.
"""

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec

request_id: ContextVar[str] = ContextVar("request_id", default="")
_logger = logging.getLogger("preuve")


def configure(form: str) -> None:
    """Send every log line of this process to standard error, as "json" or "text"; a second call replaces the first."""
    # Nobody reads from where and in which thread something was said: the library need not look (its own advice).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # the same advice: no frame is looked for
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _logger.setLevel(logging.INFO)


def say(event: str, **facts: str | int | float | bool | None) -> None:
    """Log that something happened: an event in plain words and facts about it that are nobody's."""
    _logger.info(event, extra={"facts": facts})


def fault(event: str, exception: BaseException, **facts: str | int | float | bool | None) -> None:
    """Log something that is our own mistake or an outage, with the place it comes from."""
    _logger.error(event, extra={"facts": facts}, exc_info=exception)


class JsonLines(logging.Formatter):
    """For machines, and for logs that are kept."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": str(record.msg),
            "logger": record.name,
            "request_id": request_id.get() or None,
            **getattr(record, "facts", {}),
        }
        if record.exc_info and (exception := record.exc_info[1]):
            line["exception"] = type(exception).__name__
            line["sqlstate"] = getattr(exception, "sqlstate", None)
            line["constraint"] = getattr(exception, "constraint_name", None)
            line["raised_in"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(exception.__traceback__)[-12:]
            ]
        return msgspec.json.encode({name: value for name, value in line.items() if value is not None}).decode()


class TextLines(logging.Formatter):
    """For the terminal of a developer."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in getattr(record, "facts", {}).items())
        return f"{super().format(record)}  {facts}".rstrip()
