"""Recogniser processes: recordings go in, transcripts or reasons come out.

A process that dies or hangs is killed and replaced; the recording it had is tried once more,
behind those that wait, and then given up with a reason. So one bad recording costs the others
nothing but a little time.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from hotline.clock import Clock
from hotline.config import SpeechSection
from hotline.speech.process import WorkerLost, WorkerProcess

TRIES = 2
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0

_log = structlog.get_logger(__name__)


class RecogniserFault(RuntimeError):
    """This recording cannot be transcribed; the message says why."""


class RecogniserStopped(RuntimeError):
    """The pool was stopped before the recording's turn came; nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word; times are seconds into the recording, ``confidence`` is 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard in a recording of ``seconds``. ``text`` is empty when nothing was.

    ``confidence`` is the words' mean, None without words. ``model`` names the model.
    """

    text: str
    confidence: float | None
    words: tuple[Word, ...]
    model: str
    seconds: float


@dataclass(slots=True)
class _Job:
    path: Path
    done: asyncio.Future[Transcript]
    tries: int = 0

    @property
    def file(self) -> str:
        """The path as a process elsewhere understands it."""
        return str(self.path.absolute())


class RecogniserPool:
    """``speech.workers`` processes that share a queue of recordings.

    ``command`` starts one process, the model's name behind it; it is another one only in tests.
    """

    def __init__(
        self, clock: Clock, speech: SpeechSection, command: Sequence[str] | None = None
    ) -> None:
        self._clock = clock
        self._speech = speech
        self._command = [*(command or (sys.executable, "-m", "hotline.speech.worker"))]
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._lanes: list[asyncio.Task[None]] = []
        self._workers: set[WorkerProcess] = set()
        self._waiting: set[asyncio.Future[Transcript]] = set()
        self._fault = "" if speech.model else "speech.model names no model"

    @property
    def configured(self) -> bool:
        """Whether a model is named at all."""
        return bool(self._speech.model)

    @property
    def available(self) -> bool:
        """Whether a process has loaded the model and lives."""
        return any(worker.model and worker.alive for worker in self._workers)

    @property
    def fault(self) -> str:
        """Why no model is available; empty when one is, or while the first is loading."""
        return "" if self.available else self._fault

    @property
    def model(self) -> str:
        """The model's name as screens show it; empty while none is loaded."""
        return next((worker.model for worker in self._workers if worker.model), "")

    @property
    def waiting(self) -> int:
        """How many recordings are not transcribed yet, those at work included."""
        return len(self._waiting)

    @property
    def process_ids(self) -> list[int]:
        """The living processes."""
        return [worker.process_id for worker in self._workers if worker.alive]

    async def start(self) -> None:
        """Start the processes and return; they load the model meanwhile. Does nothing without."""
        if self.configured and not self._lanes:
            self._lanes = [
                asyncio.create_task(self._lane(), name=f"recogniser-{number}")
                for number in range(self._speech.workers)
            ]

    async def stop(self) -> None:
        """End the processes; what still waits ends in :class:`RecogniserStopped`."""
        for lane in self._lanes:
            lane.cancel()
        await asyncio.gather(*self._lanes, return_exceptions=True)
        self._lanes = []
        await asyncio.gather(*(worker.end() for worker in list(self._workers)))
        self._workers.clear()
        for done in list(self._waiting):
            if not done.done():
                done.set_exception(RecogniserStopped("the recogniser was stopped"))

    async def transcribe(self, path: Path) -> Transcript:
        """What was said in the WAV file, which is only read. Waits while no process can work.

        Raises :class:`RecogniserFault`, and :class:`RecogniserStopped` when the pool is stopped.
        """
        if not self._lanes:
            raise RecogniserStopped(self._fault or "the recogniser is not running")
        done: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()
        self._waiting.add(done)
        self._jobs.put_nowait(_Job(path, done))
        try:
            return await done
        finally:
            self._waiting.discard(done)

    async def _lane(self) -> None:
        """One process after the other, one recording after the other."""
        failures = 0
        while True:
            worker = await self._started()
            if worker is not None and await self._work(worker):
                failures = 0
            await self._clock.sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**failures))
            failures += 1

    async def _started(self) -> WorkerProcess | None:
        worker = WorkerProcess(self._clock, self._speech.timeout_seconds)
        self._workers.add(worker)
        try:
            await worker.start([*self._command, self._speech.model])
        except WorkerLost as error:
            self._fault = str(error)
            _log.error("recogniser_not_started", why=self._fault)
            await self._dispose(worker)
            return None
        _log.info("recogniser_ready", model=worker.model, pid=worker.process_id)
        return worker

    async def _work(self, worker: WorkerProcess) -> bool:
        """Recordings through one process until it is lost. Returns whether any came through."""
        any_done = False
        while True:
            job = await self._next_job(worker)
            if job is None:
                await self._dispose(worker)
                return any_done
            try:
                self._conclude(job, await worker.ask(job.file), worker.model)
                any_done = True
            except WorkerLost as error:
                await self._lost(worker, job, str(error))
                return any_done

    async def _next_job(self, worker: WorkerProcess) -> _Job | None:
        """The next recording that somebody waits for; None when the process ends first."""
        while True:
            job = asyncio.ensure_future(self._jobs.get())
            gone = asyncio.ensure_future(worker.wait())
            try:
                await asyncio.wait({job, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    self._fault = "the recogniser died while it had nothing to do"
                    if job.done():
                        self._jobs.put_nowait(job.result())
                    return None
                if not job.result().done.done():
                    return job.result()
            finally:
                job.cancel()
                gone.cancel()

    @staticmethod
    def _conclude(job: _Job, answer: dict[str, Any], model: str) -> None:
        if job.done.done():
            return
        if "fault" in answer:
            job.done.set_exception(RecogniserFault(answer["fault"]))
        else:
            job.done.set_result(_transcript(answer, model))

    async def _lost(self, worker: WorkerProcess, job: _Job, why: str) -> None:
        self._fault = why
        _log.warning("recogniser_lost", why=why, path=str(job.path), tries=job.tries + 1)
        await self._dispose(worker)
        job.tries += 1
        if job.tries < TRIES:
            self._jobs.put_nowait(job)
        elif not job.done.done():
            job.done.set_exception(RecogniserFault(f"tried {TRIES} times; {why}"))

    async def _dispose(self, worker: WorkerProcess) -> None:
        await worker.end()
        self._workers.discard(worker)


def _transcript(answer: dict[str, Any], model: str) -> Transcript:
    words = tuple(Word(w["word"], w["start"], w["end"], w["conf"]) for w in answer["words"])
    return Transcript(answer["text"], answer["confidence"], words, model, answer["seconds"])
