"""What can go wrong on a page, in words: a key of the catalogue, never a traceback."""

from __future__ import annotations

from collections.abc import Mapping


class WebError(Exception):
    """A request that cannot be met. ``key`` is ``error.<key>`` in the catalogue, ``fields``
    maps a form's field to the key of what is wrong with it."""

    status = 400

    def __init__(
        self, key: str, *, fields: Mapping[str, str] | None = None, **values: object
    ) -> None:
        super().__init__(key)
        self.key = key
        self.fields = dict(fields or {})
        self.values = values


class NotLoggedIn(WebError):
    """No session, or one that ended."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_logged_in")


class NotSigned(WebError):
    """Another system's request without a signature that holds."""

    status = 401


class Forbidden(WebError):
    """The role may not, or the request did not come from our own page."""

    status = 403


class NotFound(WebError):
    """Nothing is there under this name."""

    status = 404


class Conflict(WebError):
    """Possible, but not in the present state."""

    status = 409


class BadInput(WebError):
    """A form that cannot be taken; its ``fields`` say why."""

    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("bad_input", fields=fields)


class TooOften(WebError):
    """Asked too often; ``seconds`` until the next try."""

    status = 429

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds + 0.5))
        super().__init__("too_often", seconds=self.seconds)


class Unavailable(WebError):
    """A part that is needed does not answer now."""

    status = 503
