"""A letter as a message (RFC 5322, iMIP), and the two ways it leaves: a mail server, or a folder to look into."""

import os
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

from service.mail_attachments import Attachment

SECONDS = 10.0  # for a whole conversation with the mail server


class Letter(msgspec.Struct, frozen=True):
    """What is to be sent; `id` is its row in service.mails, hence the same in every attempt."""

    id: int
    recipient: str
    subject: str
    body: str
    calendar: bytes | None
    written_at: datetime
    attachments: tuple[Attachment, ...] = ()


class Undeliverable(Exception):
    """This letter will never leave: its address or its sender is refused for good."""


class Delayed(Exception):
    """The mail server is away, or asks to try again later."""


class Post(Protocol):
    """A way out for letters."""

    async def send(self, message: EmailMessage, *, name: str) -> None:
        """Hand it over for good. Refuses Undeliverable and Delayed."""


def message(letter: Letter, *, sender: str) -> EmailMessage:
    """The letter as a message; sent twice, it is the same one. Refuses Undeliverable for an impossible address.

    Nothing typed by people can add a header: EmailMessage encodes what it is given and refuses line ends.
    """
    name, address = parseaddr(sender)
    try:
        mail = EmailMessage(policy=CRLF)
        mail["From"] = Address(name, addr_spec=address)
        mail["To"] = Address(addr_spec=letter.recipient)
        mail["Subject"] = " ".join(letter.subject.split())
        mail["Date"] = letter.written_at
        mail["Message-ID"] = f"<mail-{letter.id}@{address.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday replies stay away
    except (ValueError, IndexError, MessageError) as error:
        raise Undeliverable from error
    mail.set_content(letter.body, cte="quoted-printable")
    if letter.calendar is not None:
        _invite(mail, letter.calendar)
    for one in letter.attachments:
        kind, _, form = one.media_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=form, filename=one.name)
    return mail


def _invite(mail: EmailMessage, calendar: bytes) -> None:
    # RFC 6047: the part's method is the object's own; calendar programs act on it only beside the text.
    method = "CANCEL" if b"\r\nMETHOD:CANCEL\r\n" in calendar else "REQUEST"
    mail.add_alternative(
        calendar.decode(), subtype="calendar", cte="base64", params={"method": method, "component": "VEVENT"}
    )


class Folder:
    """Mail in development: each message a file that any mail program opens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, message: EmailMessage, *, name: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(bytes(message))
        os.replace(unfinished, self.folder / f"{name}.eml")  # whole or not at all, and once under this name


class MailServer:
    """SMTP (RFC 5321): smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.options: dict[str, Any] = {
            "hostname": parts.hostname or "localhost",
            "port": parts.port,
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": {"smtp+starttls": True, "smtps": False}.get(parts.scheme),
        }

    async def send(self, message: EmailMessage, *, name: str) -> None:
        try:
            await aiosmtplib.send(message, timeout=SECONDS, **self.options)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            raise (Undeliverable if _for_good(error) else Delayed) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Delayed from error


def _for_good(error: aiosmtplib.SMTPException) -> bool:
    """A 5xx about this letter; one about our own sign-in (53x) or about greylisting may yet change."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_for_good(refused) for refused in error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False
    return isinstance(error, aiosmtplib.SMTPResponseException) and 500 <= error.code < 600


def post(smtp_url: str, folder: Path) -> Post:
    """The mail server if there is one, else the folder."""
    return MailServer(smtp_url) if smtp_url else Folder(folder)
