"""The mail and the short messages that would have been sent, in development only: to read it, and to follow its links."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Struct

from service import auth
from service.refusals import NotFound
from service.web.look import render

TEXT = re.compile(r"sms-(\d{1,18})")
NAME = re.compile(r"mail-(\d{1,18})")
LINK = re.compile(r"(https?://[^\s<>]+)")
MOST = 200


class Mail(Struct, frozen=True):
    """`parts`: the text, split at its addresses; every other one is an address."""

    name: str
    recipient: str
    subject: str
    sent_at: datetime
    parts: list[str]
    has_invitation: bool
    papers: list[str]


class Message(Struct, frozen=True):
    """A short message."""

    number: str
    text: str
    sent_at: datetime


@get("/mail", include_in_schema=False, guards=[auth.may("pages", "mailbox")], sync_to_thread=True)
def letters(request: Request[Any, Any, Any], state: State) -> Response[str]:
    """Every letter, the newest first."""
    found = [file for file in _folder(state).glob("mail-*.eml") if NAME.fullmatch(file.stem)]
    newest = sorted(found, key=lambda file: int(file.stem.removeprefix("mail-")), reverse=True)[:MOST]
    return render(request, "mail/letters.html", letters=[_read(file) for file in newest], texts=_texts(state))


def _texts(state: State) -> list[Message]:
    """Short messages, the newest first."""
    found = [file for file in _folder(state, "sms").glob("sms-*.txt") if TEXT.fullmatch(file.stem)]
    newest = sorted(found, key=lambda file: int(file.stem.removeprefix("sms-")), reverse=True)[:MOST]
    return [_read_text(file) for file in newest]


def _read_text(file: Path) -> Message:
    number, _, text = file.read_text(encoding="utf-8").partition("\n")
    return Message(number, text.strip(), datetime.fromtimestamp(file.stat().st_mtime, UTC))


@get("/mail/{name:str}", include_in_schema=False, guards=[auth.may("pages", "mailbox")], sync_to_thread=True)
def letter(name: FromPath[str], request: Request[Any, Any, Any], state: State) -> Response[str]:
    """One letter, its links to be followed."""
    file = _folder(state) / f"{name}.eml"
    if not NAME.fullmatch(name) or not file.is_file():
        raise NotFound
    return render(request, "mail/letter.html", letter=_read(file))


def _folder(state: State, name: str = "mail") -> Path:
    return Path(state.settings.data) / name


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(preferencelist=("plain",))
    return Mail(
        name=file.stem,
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        parts=LINK.split(text.get_content() if text else ""),
        has_invitation=any(part.get_content_type() == "text/calendar" for part in message.walk()),
        papers=[str(part.get_filename()) for part in message.iter_attachments()],
    )


HANDLERS = [letters, letter]
