"""Which queues a flow names, so that none is taken away from under it."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.ivr import model
from hotline.ivr.check_said import queue_of, values_used


def queues_named(flow: model.Flow) -> Iterator[tuple[str, str]]:
    """Each queue that a flow sends callers to, asks the hours of or tells something of, with the
    node that does so."""
    for node_id, node in flow.nodes.items():
        names = {queue_of(name) for _, name in values_used(node)} - {""}
        if isinstance(node, model.Queue | model.Hours):
            names.add(node.queue)
        yield from ((name, node_id) for name in sorted(names))
