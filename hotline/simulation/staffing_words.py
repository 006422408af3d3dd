"""The answer of ``hotline staffing`` in words, for people."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.simulation.staffing import Answer

WORDS = {
    "calls_per_hour": "callers an hour",
    "aht_s": "mean talk and wrap-up",
    "mean_patience_s": "mean patience",
    "A": "load (Erlang)",
    "agents": "agents",
    "servers": "lines",
    "target_s": "limit of the service level",
    "T_s": "limit of the service level",
    "target": "blocking wanted at most",
    "target_sl": "service level wanted",
    "max_occupancy": "occupancy at most",
    "trunks": "lines needed",
    "agents_required": "agents needed",
    "blocking": "turned away",
    "stable": "stable",
    "occupancy": "occupancy",
    "p_wait": "callers who wait",
    "p_immediate": "answered at once",
    "p_abandon": "give up",
    "p_abandon_within_T": "give up within the limit",
    "service_level": "service level",
    "sl_answered_in_T_over_offered": "answered in time, of all callers",
    "sl_excl_short_abandons": "the same, of all but who give up in time",
    "sl_answered_in_T_over_answered": "the same, of callers answered",
    "asa_s": "mean wait",
    "mean_wait_all_s": "mean wait, of all callers",
    "asa_served_s": "mean wait, of callers answered",
    "mean_wait_of_waiters_s": "mean wait of those who wait",
    "mean_queue_len": "callers waiting on average",
    "p90_wait_s": "90 % wait no longer than",
    "p95_wait_s": "95 % wait no longer than",
}
SHARES = frozenset(
    name
    for name in WORDS
    if name.startswith(("p_", "sl_"))
    or name in ("blocking", "target", "target_sl", "occupancy", "max_occupancy", "service_level")
)


def lines(answer: Answer) -> Iterator[str]:
    """A line for each figure; what an unstable load leaves unknown is a dash."""
    if note := answer.get("note"):
        yield str(note)
    for name, value in answer.items():
        if name != "note":
            yield f"{_words(name):<44}{_shown(name, value):>14}"


def _words(name: str) -> str:
    if name.startswith("with_shrinkage_"):
        return f"agents to roster (away {float(name.removeprefix('with_shrinkage_')):.0%})"
    return WORDS[name]


def _shown(name: str, value: float | bool | str | None) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | str):
        return str(value)
    if name in SHARES:
        return f"{value:.2%}"
    if name.endswith("_s"):
        return f"{value:.1f} s"
    return f"{value:.4g}"
