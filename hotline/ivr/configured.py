"""What a flow is checked against in a running hotline: what the configuration has."""

from __future__ import annotations

import time

from hotline.clock import Clock, local
from hotline.config import Config
from hotline.ivr.ground import Ground
from hotline.ivr.prompts.catalogue import LANGUAGES, Wording, catalogue


def configured_ground(config: Config, clock: Clock | None = None) -> Ground:
    """The prompts, queues, targets and systems there are, at the city's present time."""
    prompts: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for prompt in catalogue(Wording.of(config)):
        prompts[prompt.language].add(prompt.name)
    return Ground(
        prompts=prompts,
        queues={config.queue.name},
        targets={target.code for target in config.handover.targets},
        webhook_hosts=frozenset(config.flows.webhook_hosts),
        now=local(clock.now() if clock else time.time(), config.zone).replace(tzinfo=None),
    )
