"""Short messages: how they are counted, and the two ways they leave: a gateway over HTTP, or a folder to look into.

The gateway's contract is small: POST PREUVE_SMS_URL with {"id", "to", "text"} as JSON; a user and password in the address
go as Basic authorization. 2xx: taken. 4xx but 401, 403, 408 and 429: never. All else: later. The same id twice is one message.
"""

import asyncio
import base64
import os
import re
import unicodedata
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec

from service.mail import Delayed, Undeliverable

SECONDS = 10.0
MOST = 160
# GSM 03.38: the letters that cost one place, and those that cost two.
SINGLE = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = set("^{}\\[~]|€")
WRITTEN_OTHERWISE = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "œ": "oe", "…": "..."}
)
BELGIUM = "+32"


class Port(Protocol):
    """A way out for short messages."""

    async def send(self, number: str, text: str, *, name: str) -> None:
        """Hand it over for good; `name` is the same in every attempt. Refuses Undeliverable and Delayed."""


def plain(text: str) -> str:
    """The text in letters that every telephone counts as one place, where it has such: ê becomes e, ’ becomes '."""
    written = " ".join(text.translate(WRITTEN_OTHERWISE).split())
    return "".join(c if c in SINGLE or c in DOUBLE else _bare(c) for c in written)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base in SINGLE else letter


def segments(text: str) -> int:
    """How many messages the network makes of it, and charges: 160 places, 153 each when joined; 70 and 67 for letters
    outside GSM 03.38."""
    if all(c in SINGLE or c in DOUBLE for c in text):
        places, alone, joined = len(text) + sum(c in DOUBLE for c in text), 160, 153
    else:
        places, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if places <= alone else -(-places // joined)


def number(given: str) -> str | None:
    """A telephone number as people write it, in the international form; without a country it is Belgian. None: no number."""
    digits = re.sub(r"[\s./()-]", "", given)
    digits = re.sub(r"^00", "+", digits)
    if re.fullmatch(r"0[1-9]\d{7,8}", digits):
        digits = BELGIUM + digits[1:]
    return digits if re.fullmatch(r"\+[1-9]\d{7,14}", digits) else None


class Folder:
    """Short messages in development: each a file, its number on the first line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, number: str, text: str, *, name: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}"
        unfinished.write_text(f"{number}\n{text}\n", encoding="utf-8")
        os.replace(unfinished, self.folder / f"{name}.txt")  # whole or not at all, and once under this name


class Gateway:
    """Somebody who sends short messages for us."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.headers = {"Content-Type": "application/json"}
        if parts.username:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self.headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        self.url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    async def send(self, number: str, text: str, *, name: str) -> None:
        body = msgspec.json.encode({"id": name, "to": number, "text": text})
        headers = {**self.headers, "Idempotency-Key": name}
        await asyncio.to_thread(self._post, Request(self.url, data=body, headers=headers, method="POST"))

    def _post(self, request: Request) -> None:
        try:
            with build_opener(_NoRedirect).open(request, timeout=SECONDS):
                return
        except HTTPError as error:
            with error:
                for_good = 400 <= error.code < 500 and error.code not in (401, 403, 408, 429)
            raise (Undeliverable if for_good else Delayed) from error
        except (URLError, OSError) as error:
            raise Delayed from error


class _NoRedirect(HTTPRedirectHandler):
    """Numbers and texts go where the setting says, and nowhere else."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def port(url: str, folder: Path) -> Port:
    """The gateway if there is one, else the folder."""
    return Gateway(url) if url else Folder(folder)
