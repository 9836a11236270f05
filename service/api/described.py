"""What the description of the interface says of an operation beside its types: each no it may give."""

from http import HTTPStatus
from typing import Any

from litestar.openapi.datastructures import ResponseSpec

from service.problems import problem_of, slug_of

MEDIA_TYPE = "application/problem+json"


def refusals(*classes: type[Exception], codes: tuple[int, ...] = (401, 403, 404, 422)) -> dict[int, Any]:
    """The problem responses of an operation: those of HTTP by their `codes`, those of the domain by name."""
    slugs: dict[int, list[str]] = {code: [] for code in codes}
    for refusal in classes:
        slugs.setdefault(problem_of(refusal())[1], []).append(slug_of(refusal))
    return {status: _problem(status, names) for status, names in sorted(slugs.items())}


def _problem(status: int, slugs: list[str]) -> ResponseSpec:
    said = ", ".join(sorted(slugs)) or HTTPStatus(status).phrase
    return ResponseSpec(data_container=dict[str, Any], media_type=MEDIA_TYPE, description=said, generate_examples=False)
