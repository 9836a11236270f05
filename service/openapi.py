"""The description of the interface: Litestar's, made true about what it does not know.

Each operation says by which roles it can be asked, and how far they reach: service/access.py.
Every refusal here is a problem document (service/problems.py): those that any address can give are added to each
operation, and `default` for the rest. Bodies take no members but their own, and no address can say null.
"""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from service.access import Rule
from service.auth import cookie_name, may, rule_of
from service.settings import Settings

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` is the address of a page that explains the problem.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "in": {"type": "string"},
                },
            },
        },
    },
}
ANY_PROBLEM = {
    "description": "A problem document",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
LOGIN = SecurityScheme(
    type="apiKey",
    security_scheme_in="cookie",
    name="preuve",
    description="The cookie of a login that began at /sign-in.",
)
TOKEN = SecurityScheme(
    type="http",
    scheme="bearer",
    description="A personal access token (/tokens). What stands beside its name at an operation is the scope it needs.",
)
ANYWHERE = {
    "400": "Unreadable",
    "422": "Understood, and wrong",
    "429": "Too often: Retry-After says when",
    "503": "Away or overloaded: ask again, keyed",
}
BY_GUARD = {"401": "Sign in", "403": "Not for this role"}
WITH_A_BODY = {"408": "Too slow", "413": "Too large", "415": "Not in the announced format"}
METHODS = ("get", "put", "post", "delete", "patch")


class TrueDescription(JsonRenderPlugin):
    """The description as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        described = with_problems(_with_cookie(openapi_schema, request.app.state.settings))
        return super().render(request, _with_roles(described, _rules(request.app)))


def _rules(app: Litestar) -> dict[tuple[str, str], Rule]:
    """By path and method: the line of service/access.py that the handler names."""
    handlers = (
        (route.path_format, handler) for route in app.routes for handler in getattr(route, "route_handlers", [])
    )
    ruled = ((path, handler, rule_of(handler)) for path, handler in handlers)
    return {
        (path, str(method).lower()): rule for path, handler, rule in ruled if rule for method in handler.http_methods
    }


def _with_roles(description: dict[str, Any], rules: dict[tuple[str, str], Rule]) -> dict[str, Any]:
    """The same description; each operation says who may ask for it and how far they reach, in `x-roles` and in words."""
    return description | {
        "paths": {
            path: {
                method: _ruled(operation, rules.get((path, method))) if method in METHODS else operation
                for method, operation in item.items()
            }
            for path, item in description["paths"].items()
        }
    }


def _ruled(operation: dict[str, Any], rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return operation
    said = ", ".join(f"{column} ({reach})" for column, reach in rule.reach.items())
    who = "Open to everyone." if rule.is_open else f"For: {said}."
    return operation | {
        "description": f"{operation.get('description', '')}\n\n{who}".strip(),
        "responses": operation["responses"] if rule.is_open else _guarded(operation["responses"]),
        "x-roles": dict(rule.reach),
    }


def _guarded(responses: dict[str, Any]) -> dict[str, Any]:
    """What a guard may answer, whatever the handler says of itself: nobody, or somebody whom the line does not name."""
    by_guard = {status: {**ANY_PROBLEM, "description": said} for status, said in BY_GUARD.items()}
    return {
        **dict(sorted({**by_guard, **{k: v for k, v in responses.items() if k != "default"}}.items())),
        "default": responses["default"],
    }


def _with_cookie(description: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The same description, with the name that the login's cookie has here: over https it is another one."""
    components = description["components"]
    schemes = components["securitySchemes"]
    login = schemes["login"] | {"name": cookie_name(settings)}
    return description | {"components": components | {"securitySchemes": schemes | {"login": login}}}


def with_problems(description: dict[str, Any]) -> dict[str, Any]:
    """The same description, with Problem as the default response of every operation."""
    paths = {path: _operations(item) for path, item in (description.get("paths") or {}).items()}
    components = description.get("components") or {}
    own = _of_one_kind(components.get("schemas") or {})
    schemas = _closed(own, _named(list(_bodies(paths)))) | {"Problem": PROBLEM}
    return description | {"paths": paths, "components": components | {"schemas": schemas}}


def _operations(item: dict[str, Any]) -> dict[str, Any]:
    return {key: _answered(value) if key in METHODS else value for key, value in item.items()}


def _answered(operation: dict[str, Any]) -> dict[str, Any]:
    given = {status: _said(response) for status, response in operation["responses"].items()}
    known = {status: response for status, response in given.items() if response is not None}
    anywhere = ANYWHERE | (WITH_A_BODY if "requestBody" in operation else {})
    problems = {status: {**ANY_PROBLEM, "description": said} for status, said in anywhere.items()}
    parameters = [_never_null(parameter) for parameter in operation.get("parameters") or []]
    responses = {**dict(sorted({**problems, **known}.items())), "default": ANY_PROBLEM}
    return operation | {"parameters": parameters, "responses": responses}


def _said(response: dict[str, Any]) -> dict[str, Any] | None:
    """A problem response refers to Problem; Litestar's own idea of a validation error is left out."""
    if "application/problem+json" in (response.get("content") or {}):
        return {**ANY_PROBLEM, "description": response["description"]}
    return None if response["description"].startswith("Bad request syntax") else response


def _never_null(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out or has a value; no address can say null."""
    schema = dict(parameter["schema"])
    real = [one for one in schema.pop("oneOf", []) if one.get("type") != "null"]
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
        schema["enum"] = [one for one in schema["enum"] if one is not None]
    return parameter | {"schema": {**schema, **(real[0] if real else {})}}


def _bodies(paths: dict[str, Any]) -> Iterator[Any]:
    for item in paths.values():
        yield from (item[method]["requestBody"] for method in METHODS if "requestBody" in item.get(method, {}))


def _named(part: Any) -> set[str]:
    """The names of the schemas that a part of the description refers to."""
    if isinstance(part, dict):
        own = {part["$ref"].rpartition("/")[2]} if "$ref" in part else set()
        return own.union(*(_named(value) for value in part.values()))
    return set[str]().union(*(_named(value) for value in part)) if isinstance(part, list) else set()


def _of_one_kind(part: Any) -> Any:
    """The items of an annotated tuple[X, ...] are all X; Litestar takes the dots for a second kind, of anything."""
    if isinstance(part, dict):
        if len(kinds := part.get("oneOf", [])) == 2 and kinds[1] == {}:
            return _of_one_kind(kinds[0])
        return {key: _of_one_kind(value) for key, value in part.items()}
    return [_of_one_kind(value) for value in part] if isinstance(part, list) else part


def _closed(schemas: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The same schemas; those in bodies, and what they refer to, take no members but their own."""
    inner = set[str]().union(*(_named(schemas[name]) for name in names))
    if not inner <= names:
        return _closed(schemas, names | inner)
    return {name: one | ({"additionalProperties": False} if name in names else {}) for name, one in schemas.items()}


def config() -> OpenAPIConfig:
    """For one application: its router is registered once."""
    return OpenAPIConfig(
        title="Preuve",
        version="1",
        description="Skills validation and assessment booking for the Brussels training and employment centres.",
        openapi_router=Router("/api", route_handlers=[], guards=[may("pages", "read")], include_in_schema=False),
        render_plugins=[TrueDescription(path="/openapi.json", media_type="application/json")],  # type: ignore[arg-type]
        use_handler_docstrings=True,
        components=Components(security_schemes={"login": LOGIN, "token": TOKEN}),
    )
