"""The versions of a unit's standard for programs: read, compared, and imported as a draft; nothing is written unless asked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.exceptions import ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from assessments import pictures, schemes, standard_checks, standard_differences, standard_files, standards, units
from assessments.refusals import NotFound
from assessments.standard_checks import Fault
from assessments.standard_differences import Difference
from assessments.standards import Content
from service import access, auth, standard_desk
from service.api.described import refusals
from service.provide import Db, Now

TAGS = ["catalogue"]
# Not an int | None: that would take the word "null" for no version.
VersionAsked = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[1-9][0-9]{0,3}$(?!\n)", max_length=4, description="A version; by default the one before."
    ),
]


class Version(Struct, frozen=True):
    """`state`: draft, published or retired; drafts are there for those who write them."""

    id: UUID
    version: int
    state: str
    published_at: datetime | None
    retired_at: datetime | None


class Looked(Struct, frozen=True):
    """What an import would do, or did. `faults`: what keeps it from being published; `draft`: the id of the new draft."""

    draft: UUID | None
    differences: tuple[Difference, ...]
    faults: tuple[Fault, ...]


@get(
    "/units/{code:str}/standards",
    tags=TAGS,
    guards=[auth.may("standards", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def versions(code: FromPath[str], me: auth.Me, db: Db) -> list[Version]:
    """Every version of a unit's standard, the newest first."""
    async with db.read() as tx:
        found = await standards.of_unit(tx, (await units.get(tx, code)).id)
    mine = access.rule("standards", "edit").admits(me)
    return [
        Version(
            one.id,
            one.version,
            "draft" if one.is_draft else "retired" if one.retired_at else "published",
            one.published_at,
            one.retired_at,
        )
        for one in found
        if mine or not one.is_draft
    ]


@get(
    "/standards/{standard_id:uuid}",
    tags=TAGS,
    guards=[auth.may("standards", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def one_standard(standard_id: FromPath[UUID], me: auth.Me, db: Db) -> standard_files.File:
    """A version as the file that can be imported, its pictures included."""
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
        content = found.standard.content
        shown = {one.sha256: (await pictures.get(tx, one.sha256)).image for one in content.grid.pictures}
    return standard_files.File(standard_files.FORMAT, found.unit.code, content, shown)


@get(
    "/standards/{standard_id:uuid}/differences",
    tags=TAGS,
    guards=[auth.may("standards", "read")],
    responses=refusals(codes=(401, 403, 404)),
)
async def differences(
    standard_id: FromPath[UUID],
    me: auth.Me,
    db: Db,
    since: VersionAsked = None,
) -> list[Difference]:
    """What changed in a version, thing by thing and language by language."""
    async with db.read() as tx:
        found = await standard_desk.of(tx, me, standard_id)
        others = await standards.of_unit(tx, found.unit.id)
    mine = access.rule("standards", "edit").admits(me)
    wanted = int(since) if since else found.standard.version - 1
    old = next((one for one in others if one.version == wanted and (mine or not one.is_draft)), None)
    if old is None:
        if since:
            raise NotFound
        return []
    return [*standard_differences.differences(old.content, found.standard.content)]


@post(
    "/units/{code:str}/standards",
    tags=TAGS,
    guards=[auth.may("standards", "edit")],
    responses=refusals(codes=(401, 403, 404, 413, 422)),
    request_max_body_size=standard_files.LARGEST,
    status_code=200,
)
async def import_standard(
    code: FromPath[str],
    data: JSONBody[standard_files.File],
    me: auth.Me,
    db: Db,
    now: Now,
    write: Annotated[bool, QueryParameter(description="Make a draft of it; otherwise nothing is written.")] = False,
) -> Looked:
    """Look at a file of a standard, or make a draft of it."""
    async with db.transaction() as tx:
        unit = await units.get(tx, code)
        content, shown = _accepted(data, unit.code)
        before, scheme = await standards.latest(tx, unit.id), await schemes.get(tx, unit.scheme)
        draft = await standard_desk.import_draft(tx, me, unit.id, content, shown, now=now) if write else None
    return Looked(
        draft,
        standard_differences.differences(before.content, content) if before else (),
        standard_checks.faults(content, scheme, standard_desk.kinds()),
    )


def _accepted(file: standard_files.File, unit: str) -> tuple[Content, tuple[pictures.Picture, ...]]:
    """Refuses (422) what standard_files.accept does, each fault with its place in the body."""
    try:
        return standard_files.accept(file, unit=unit)
    except standard_files.StandardFault as broken:
        errors = [{"key": fault.path, "source": "body", "message": fault.remedy} for fault in broken.faults]
        raise ValidationException(extra=errors) from None


HANDLERS = [versions, one_standard, differences, import_standard]
