"""What pages load: one stylesheet, small ES modules, htmx and the letters, at addresses that change with their content.

The stylesheet is put together from static/css at start, so that one request brings the whole look and the fonts' hashed
addresses can be written into it. htmx and Source Sans Pro come from their wheels; nothing of them is in this repository.
"""

import gzip
import hashlib
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import js_lib_htmx
import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from service import auth

STATIC = Path(__file__).parent / "static"
STYLES = (
    "tokens",
    "base",
    "page",
    "forms",
    "actions",
    "tables",
    "facts",
    "sessions",
    "lists",
    "search",
    "grids",
    "day",
    "front",
    "candidate",
    "desk",
    "quality",
    "identity",
    "standards",
    "dark",
    "print",
)
FONTS = {
    "source-sans-regular.ttf": font_source_sans_pro.SourceSansPro,
    "source-sans-semibold.ttf": font_source_sans_pro.SourceSansProSemibold,
}
HTMX = Path(js_lib_htmx.__file__).parent / "static" / "htmx" / "htmx.min.js"
IMPORTED = re.compile(r'from "\./([a-z_]+\.js)"')
IMMUTABLE = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """A file to load. `address` holds the hash of `body`; `packed` is the same body in gzip, or nothing if that is no shorter."""

    address: str
    media_type: str
    body: bytes
    packed: bytes


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its name; read and hashed once per process."""
    fonts = [_asset(name, Path(path).read_bytes()) for name, path in FONTS.items()]
    modules: dict[str, Asset] = {}
    for file in sorted((STATIC / "js").glob("*.js")):
        _module(file.name, modules)
    drawings = [_asset(file.name, file.read_bytes()) for file in sorted(STATIC.glob("*.svg"))]
    style = "\n".join((STATIC / "css" / f"{part}.css").read_text() for part in STYLES)
    for name, font in fonts:
        style = style.replace(f"url({name})", f"url({font.address})")
    return dict(
        [
            *fonts,
            *modules.items(),
            *drawings,
            _asset("htmx.js", HTMX.read_bytes()),
            _asset("preuve.css", style.encode()),
        ]
    )


def address(name: str) -> str:
    """Where a page finds the asset; KeyError for a name that does not exist."""
    return assets()[name].address


@get(
    "/static/{fingerprint:str}/{name:str}",
    include_in_schema=False,
    guards=[auth.may("pages", "read")],
    sync_to_thread=False,
)
def serve(fingerprint: FromPath[str], name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """The asset; kept for ever only under its own hash: while a new version is rolled out, a page may ask an old server."""
    asset = assets().get(name)
    if asset is None:
        raise NotFoundException
    is_current = asset.address == f"/static/{fingerprint}/{name}"
    headers = {
        "Cache-Control": IMMUTABLE if is_current else "no-cache",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Vary": "Accept-Encoding",
    }
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.body, media_type=asset.media_type, headers=headers)


def _module(name: str, made: dict[str, Asset]) -> Asset:
    """A module whose imports lead to the hashed addresses of theirs: a change below changes every address above."""
    if name not in made:
        body = (STATIC / "js" / name).read_text()
        for other in sorted(set(IMPORTED.findall(body))):
            body = body.replace(f'"./{other}"', f'"{_module(other, made).address}"')
        made[name] = _asset(name, body.encode())[1]
    return made[name]


def _asset(name: str, body: bytes) -> tuple[str, Asset]:
    fingerprint = hashlib.sha256(body).hexdigest()[:16]
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 6, mtime=0)
    return name, Asset(
        address=f"/static/{fingerprint}/{name}",
        media_type="text/javascript" if name.endswith(".js") else media_type,
        body=body,
        packed=packed if len(packed) < len(body) else b"",
    )
