"""The life of a case in words: what a city calls its states and conditions, and what was given
with a step. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from hotline.registry.life.machine import Machine, Words
from hotline.registry.lifecycle import Action, State
from hotline.web.catalogue import LANGUAGES
from hotline.web.formats import moment

Says = Callable[..., str]
_TOLD = ("condition", "closing", "unit", "assist", "part", "until", "level", "owner", "against",
         "into")  # fmt: skip
# What the step is about anyway, or its own default.
_UNTOLD = {Action.FILE: "owner"}


_AT_WORK = Words(zh="正在办理。", en="It is being worked on.")


def texts_of(machine: Machine) -> dict[str, dict[str, str]]:
    """The catalogue's texts that the city's life brings along, by language and key."""
    named = {f"case.filing.{key}": words for key, words in machine.filing.items()}
    named |= {f"case.closing.{key}": words for key, words in machine.closing.items()}
    own = machine.states.keys() - set(State)
    named |= {f"case.state.{name}": machine.states[name] for name in own}
    named |= {f"case.stage.{name}": machine.states[name] for name in own}
    # The public need not know what a city's own state means.
    named |= {f"status.says.{name}": _AT_WORK for name in own}
    return {
        language: {key: getattr(words, language) for key, words in named.items()}
        for language in LANGUAGES
    }


def inputs_told(
    action: str,
    inputs: Mapping[str, Any],
    names: Mapping[str, str],
    t: Says,
    zone: tzinfo | None = None,
) -> tuple[str, ...]:
    """What was given with a step beside the reason. ``names`` are people's by their ids; without
    a ``zone`` instants are left out."""
    return tuple(_inputs(action, inputs, names, t, zone))


def _inputs(
    action: str, inputs: Mapping[str, Any], names: Mapping[str, str], t: Says, zone: tzinfo | None
) -> Iterator[str]:
    units: Mapping[str, str] = inputs.get("unit_names", {})
    for name in _TOLD:
        value = inputs.get(name)
        if value in (None, "", []) or _UNTOLD.get(Action(action)) == name:
            continue
        match name:
            case "condition":
                said = inputs.get("condition_text") or t(f"case.filing.{value}")
            case "closing" | "against":
                said = t(f"case.{name}.{value}")
            case "assist":
                said = t("history.and").join(units.get(one, one) for one in value)
            case "part":
                said = units.get(value, value)
            case "owner":
                said = names.get(value, value)
            case "until":
                said = moment(value, zone) if zone else ""
            case _:
                said = str(value)
        if said:
            yield t(f"history.input.{name}", value=said)
