"""The address that a candidate hands to whom they agreed to tell. Its secret is shown once: between the form and the page
it waits in a cookie that only this page gets."""

from litestar.datastructures import Cookie

from service.settings import Settings

FRESH = "new-share-link"


def address(settings: Settings, token: str) -> str:
    """Where the recipient reads."""
    return f"{settings.base_url}/shared/{token}"


def waiting(settings: Settings, token: str, *, seconds: int) -> Cookie:
    return Cookie(
        key=FRESH,
        value=token,
        path="/privacy",
        max_age=seconds,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )
