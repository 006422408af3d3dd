"""The prompts: what callers hear, listened to, replaced by upload or through the phone, and taken
back."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from hotline.ivr.prompts import LANGUAGES, NothingToRevert, Prompt, PromptStatus, Refused, Verdict
from hotline.ivr.prompts.catalogue import READING
from hotline.ivr.studio import Step, StudioRefused, Take
from hotline.speech.synthesis import SynthesisFault
from hotline.web.access import PromptStaff, Viewer
from hotline.web.errors import BadInput, Conflict, NotFound, Unavailable
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

STATES = ("synthetic", "recorded", "stale", "missing", "unusable")
SOUND = frozenset({"synthetic", "recorded"})
_DONE = frozenset({"replaced", "reverted", "synthetic", "take"})

Language = Annotated[str, Path(max_length=8)]
Name = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; empty for everything."""

    language: str
    state: str
    topic: str
    text: str

    @classmethod
    def of(cls, request: Request, language: str) -> Wanted:
        """The filters of a request; the prompts' own language unless another is named."""
        query = request.query_params
        given = query.get("language", language)
        return cls(
            given if given in LANGUAGES else "",
            query.get("state", ""),
            query.get("topic", ""),
            query.get("text", "").strip().lower(),
        )

    def takes(self, one: PromptStatus) -> bool:
        """Whether a prompt is asked for. The many pieces of numbers show only when they are
        asked for, or something is wrong with them."""
        prompt = one.prompt
        if self.language and prompt.language != self.language:
            return False
        if self.state and one.state != self.state:
            return False
        if self.text and self.text not in f"{prompt.name} {prompt.text}".lower():
            return False
        if self.topic:
            return prompt.topic == self.topic
        return bool(self.text or self.state or not prompt.is_piece or one.state not in SOUND)


def prompt_of(web: WebOf, viewer: PromptStaff, language: Language, name: Name) -> Prompt:
    """The prompt that the path names. Raises NotFound."""
    prompt = web.parts.prompts.find(f"{language}/{name}")
    if prompt is None:
        raise NotFound("prompts.no_such_prompt")
    return prompt


PromptOf = Annotated[Prompt, Depends(prompt_of)]


class RevertForm(BaseModel):
    """``synthetic``: not the recording before, the voice."""

    synthetic: bool = False


@router.get("/prompts")
async def prompts_page(request: Request, web: WebOf, page: PageOf, viewer: PromptStaff) -> Response:
    """The list, and the prompt that the address names."""
    done = request.query_params.get("done", "")
    return await _page(request, web, page, viewer, done=done if done in _DONE else "")


@router.get("/media/prompts/{language}/{name}")
async def sound(web: WebOf, viewer: PromptStaff, prompt: PromptOf) -> FileResponse:
    """What callers hear, whole or the asked-for range."""
    file = web.parts.prompts.file(prompt)
    if not file.is_file():
        raise NotFound("no_recording")
    return FileResponse(file, media_type="audio/wav")


@router.post("/prompts/{language}/{name}/recording")
async def upload(
    request: Request, web: WebOf, page: PageOf, viewer: PromptStaff, prompt: PromptOf
) -> Response:
    """Put a recording in the prompt's place, after it was checked."""
    # Not a parameter: it would be read before it is known whose it is.
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.size:
        raise BadInput({"file": "required"})
    with tempfile.TemporaryDirectory(prefix="hotline-prompt-") as folder:
        file = FilePath(folder, "upload.wav")
        await asyncio.to_thread(_copy, given, file)
        try:
            verdict = await web.parts.prompts.replace(prompt, file, "upload", viewer.user_id)
        except Refused as refused:
            refusal = _uploaded(prompt, viewer, Step.REFUSED, refused.verdict)
            return await _page(request, web, page, viewer, chosen=prompt, take=refusal)
        except OSError as error:
            raise Unavailable("prompts.not_written", why=error.strerror or str(error)) from error
    web.parts.studio.show(_uploaded(prompt, viewer, Step.KEPT, verdict))
    return _back(prompt, "replaced")


@router.post("/prompts/{language}/{name}/revert")
async def revert(
    web: WebOf,
    viewer: PromptStaff,
    prompt: PromptOf,
    form: Annotated[RevertForm, Form()],
) -> Response:
    """Take a recording back."""
    try:
        now = await web.parts.prompts.revert(prompt, viewer.user_id, synthetic=form.synthetic)
    except NothingToRevert as error:
        raise Conflict("prompts.nothing_to_revert") from error
    except SynthesisFault as error:
        raise Unavailable("prompts.voice_failed", why=str(error)) from error
    except OSError as error:
        raise Unavailable("prompts.not_written", why=error.strerror or str(error)) from error
    return _back(prompt, "reverted" if now.recorded else "synthetic")


@router.post("/api/prompts/{language}/{name}/take", status_code=204)
async def record(web: WebOf, viewer: PromptStaff, prompt: PromptOf) -> Response:
    """Ring the viewer's own phone to record the prompt."""
    try:
        await web.parts.studio.begin(prompt, viewer.user_id, viewer.extension)
    except StudioRefused as refused:
        raise Conflict(refused.key) from refused
    return Response(status_code=204)


@router.get("/api/prompts/take")
async def take(web: WebOf, viewer: PromptStaff) -> dict[str, object]:
    """How far the viewer's recording through the phone is."""
    mine = web.parts.studio.take_of(viewer.user_id)
    if mine is None:
        return {"live": False, "step": "", "key": ""}
    return {"live": mine.live, "step": mine.step.value, "key": mine.prompt.key}


async def _page(
    request: Request,
    web: Web,
    page: Page,
    viewer: Viewer,
    *,
    done: str = "",
    chosen: Prompt | None = None,
    take: Take | None = None,
) -> Response:
    try:
        every = await web.parts.prompts.statuses()
    except OSError as error:
        raise Unavailable("prompts.not_read", why=error.strerror or str(error)) from error
    wanted = Wanted.of(request, web.parts.config.hotline.language)
    key = chosen.key if chosen else request.query_params.get("prompt", "")
    one = next((one for one in every if one.key == key), None)
    mine = take or _worth_showing(web, viewer, done)
    return page.render(
        "prompts/prompts.html",
        status=422 if take else 200,
        shown=[one for one in every if wanted.takes(one)],
        wanted=wanted,
        one=one,
        take=mine if mine and one and mine.prompt.key == one.key else None,
        elsewhere=mine if mine and mine.live and (not one or mine.prompt.key != one.key) else None,
        done=done,
        states=STATES,
        topics=_topics(every),
        languages=LANGUAGES,
        counts=_counts(every, wanted.language),
        kept_query=_query(request),
    )


def _uploaded(prompt: Prompt, viewer: Viewer, step: Step, verdict: Verdict) -> Take:
    return Take(prompt, viewer.user_id, step, live=False, findings=verdict.findings, by_phone=False)


def _worth_showing(web: Web, viewer: Viewer, done: str) -> Take | None:
    """The viewer's recording while it goes on and just after it, not the next day."""
    mine = web.parts.studio.take_of(viewer.user_id)
    return mine if mine and (mine.live or done in {"replaced", "take"}) else None


def _topics(every: Sequence[PromptStatus]) -> list[str]:
    found = dict.fromkeys(one.prompt.topic for one in every)
    return [topic for topic in found if topic != READING] + [READING]


def _counts(every: Sequence[PromptStatus], language: str) -> dict[str, int]:
    asked = [one for one in every if not language or one.prompt.language == language]
    return {state: sum(one.state == state for one in asked) for state in STATES}


def _query(request: Request) -> str:
    kept = {"language", "state", "topic", "text"}
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name in kept]
    return "".join(f"{name}={quote(value)}&" for name, value in pairs)


def _copy(given: UploadFile, file: FilePath) -> None:
    with file.open("wb") as into:
        shutil.copyfileobj(given.file, into)


def _back(prompt: Prompt, done: str) -> Response:
    address = f"/prompts?language={prompt.language}&prompt={prompt.key}&done={done}"
    return RedirectResponse(address, status_code=303)
