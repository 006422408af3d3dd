"""Why a call goes before others, in words; the scripts' half is ``static/src/priority.ts``."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def priority_words(priority: int, reasons: Sequence[str], t: Callable[..., str]) -> str:
    """A priority with its reasons (:mod:`hotline.callers.priority`); empty for an ordinary
    call."""
    if not reasons:
        return ""
    said = t("priority.and").join(_reason(code, t) for code in reasons)
    return t("priority.later" if priority < 0 else "priority.first", reasons=said)


def _reason(code: str, t: Callable[..., str]) -> str:
    name, _, detail = code.partition(":")
    if name != "flow":
        return t(f"priority.reason.{name}", n=detail)
    key = f"priority.flow.{detail}"
    words = t(key)
    return detail if words == key else words
