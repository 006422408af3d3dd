"""A drawing shows every node once, apart from the others, and no exit runs through a node."""

from __future__ import annotations

from itertools import combinations
from random import Random
from xml.etree import ElementTree as ET

import pytest

from hotline.ivr.counts import NodeCount
from hotline.ivr.draw import draw
from hotline.ivr.draw_layout import place
from hotline.ivr.findings import found
from hotline.ivr.model import Flow
from hotline.ivr.reading import read_flow
from tests.ivr.ground import shipped
from tests.ivr.random_flows import wild_flows

SVG = "{http://www.w3.org/2000/svg}"
SIZE = (150.0, 46.0)


def flows() -> list[Flow]:
    dice = Random(7)
    wild = [one.flow for _ in range(40) for one in wild_flows(dice).values()]
    return [*shipped().values(), *wild]


def nodes(svg: str) -> dict[str, ET.Element]:
    found_ = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):  # noqa: S314 (our own text)
        name = group.get("data-node")
        if name:
            found_[name] = group
    return found_


def test_every_node_is_drawn_once_in_both_languages() -> None:
    for flow in flows():
        for language in ("zh", "en"):
            svg = draw(flow, language=language)
            assert nodes(svg).keys() == flow.nodes.keys()
            assert svg.count("data-node=") == len(flow.nodes)


def test_no_two_nodes_overlap_and_no_exit_runs_through_one() -> None:
    for flow in flows():
        links = [
            (node, target)
            for node in flow.nodes
            for target in flow.exits(node).values()
            if target in flow.nodes
        ]
        placed = place(dict.fromkeys(flow.nodes, SIZE), links, flow.start)
        for one, other in combinations(placed.middles.values(), 2):
            assert abs(one[0] - other[0]) >= SIZE[0] or abs(one[1] - other[1]) >= SIZE[1]
        for lane in placed.lanes.values():
            for rank, x in lane:
                row = [n for n, number in placed.row_of.items() if number == rank]
                assert all(abs(placed.middles[n][0] - x) > SIZE[0] / 2 for n in row)


def test_the_same_flow_is_always_drawn_the_same() -> None:
    flow = shipped()["menu"]
    assert draw(flow) == draw(flow)


def test_a_drawing_holds_no_script_and_escapes_what_authors_write() -> None:
    flow = read_flow(
        'flow: a\ntitle: {zh: "<script>&"}\nstart: b\nnodes:\n'
        '  b: {kind: goodbye, prompts: [{say: {zh: "</text><script>x()</script>"}}],'
        ' note: "\\"<b>"}\n'
    )
    root = ET.fromstring(draw(flow))  # noqa: S314 (our own text)
    assert not list(root.iter(f"{SVG}script"))
    assert root.get("aria-label") == "<script>&"


def test_a_node_with_an_error_says_so_to_eye_and_reader() -> None:
    finding = found("unreachable", 3, "main")
    group = nodes(draw(shipped()["menu"], findings=[finding]))["main"]
    assert "has-warning" in str(group.get("class"))
    title = group.find(f"{SVG}title")
    assert title is not None
    assert finding.text("zh") in str(title.text)


@pytest.mark.parametrize("node", ["main", "duty"])
def test_counts_are_told_and_an_unwalked_node_is_marked(node: str) -> None:
    counts = {"main": NodeCount(1200, {"key:1": 700}, 30)}
    svg = draw(shipped()["menu"], counts=counts)
    group = nodes(svg)[node]
    assert ("unwalked" in str(group.get("class"))) == (node == "duty")
    assert "进入 1,200 · 挂断 30" in svg
    assert "1、投诉 700" in svg
