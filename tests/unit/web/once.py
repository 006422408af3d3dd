"""What is the same in every house, and dear: worked out once in a test run.

Half of a page's test went into compiling the page's templates and into what FastAPI makes of the
routes at an application's first request.
"""

from __future__ import annotations

from functools import cache
from types import CodeType

from fastapi import FastAPI
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from starlette.routing import BaseRoute, Mount


class Compiled(BytecodeCache):
    """Templates that were compiled for an earlier house."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._codes[bucket.key, bucket.checksum] = bucket.code


def share(app: FastAPI) -> FastAPI:
    """The application, with the routes and the templates of the ones before.

    What differs between two houses lies in its state, and below ``/static``.
    """
    environment: Environment = app.state.renderer.environment
    environment.bytecode_cache = _compiled()
    first = _routes()
    if not first:
        first.extend(route for route in app.router.routes if not isinstance(route, Mount))
    app.router.routes[:] = [r for r in app.router.routes if isinstance(r, Mount)] + first
    return app


@cache
def _compiled() -> Compiled:
    return Compiled()


@cache
def _routes() -> list[BaseRoute]:
    return []
