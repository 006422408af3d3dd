"""Whether it lives, whether it can take calls, and its numbers."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from hotline.config import is_loopback
from hotline.web.access import Anyone, Staff
from hotline.web.errors import Forbidden
from hotline.web.openapi import describe
from hotline.web.web import WebOf

router = APIRouter()


@router.get("/healthz")
async def healthz(viewer: Anyone) -> JSONResponse:
    """The loop answers."""
    return JSONResponse({"ok": True})


@router.get("/readyz")
async def readyz(web: WebOf, viewer: Anyone) -> JSONResponse:
    """Each part that a call needs; 503 when one is not up. Details only for this machine."""
    components = await web.parts.health()
    ready = all(component.state == "up" for component in components)
    return JSONResponse(
        {"ready": ready, "components": {part.name: part.state for part in components}},
        status_code=200 if ready else 503,
    )


@router.get("/api/openapi.json")
async def openapi(request: Request, viewer: Staff) -> JSONResponse:
    """The interface, described for programs."""
    app: FastAPI = request.app
    return JSONResponse(describe(app))


@router.get("/metrics")
async def metrics(request: Request, web: WebOf, viewer: Anyone) -> Response:
    """Prometheus' format; this machine only, unless ``web.metrics_open``."""
    address = request.client.host if request.client else ""
    if not web.parts.config.web.metrics_open and not is_loopback(address):
        raise Forbidden("this_machine_only")
    return Response(web.parts.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
