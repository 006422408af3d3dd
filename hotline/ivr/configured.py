"""What a flow is checked against in a running hotline: what the configuration has."""

from __future__ import annotations

import time
from collections.abc import Collection

from hotline.clock import Clock, local
from hotline.config import Config
from hotline.ivr.ground import Ground
from hotline.ivr.prompts.catalogue import LANGUAGES, Wording, catalogue


def configured_ground(
    config: Config, clock: Clock | None = None, queues: Collection[str] | None = None
) -> Ground:
    """The prompts, queues, targets and systems there are, at the city's present time.

    ``queues`` are those of the routing plan in force; None: the configured one.
    """
    prompts: dict[str, set[str]] = {language: set() for language in LANGUAGES}
    for prompt in catalogue(Wording.of(config)):
        prompts[prompt.language].add(prompt.name)
    return Ground(
        prompts=prompts,
        queues={config.queue.name} if queues is None else queues,
        targets={target.code for target in config.handover.targets},
        webhook_hosts=frozenset(config.flows.webhook_hosts),
        now=local(clock.now() if clock else time.time(), config.zone).replace(tzinfo=None),
    )
