"""`conform graph`: layers as text, drawings in Mermaid's language, and names that are not there."""

from __future__ import annotations

import re

import pytest


def test_graph_shows_inputs_and_then_the_layers(tiny_project):
    ended = tiny_project.call("graph", "specs/lamp.rules")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == """lamp: 4 clauses, 4 values, 5 inputs

inputs
  x, height, power, shuttered, transmission

layer 1
  lamp.1 Distance
    needs    x, height
    defines  distance

layer 2
  lamp.2 Light of a turn
    needs    height, power, distance
    defines  light

layer 3
  lamp.3 Stored light
    needs    light
    defines  image
  lamp.4 Shutter
    needs    shuttered, transmission, light
    defines  shut
"""


def test_graph_keeps_to_what_lies_between_two_names(tiny_project):
    ended = tiny_project.call("graph", "specs/lamp.rules", "--from", "power", "--to", "lamp.3")
    assert ended.out.splitlines()[0] == "lamp: 2 clauses, 2 values, 1 input"
    assert "lamp.1" not in ended.out and "height" not in ended.out and "lamp.4" not in ended.out


def test_graph_draws_every_node_once_and_only_edges_between_nodes(tiny_project):
    out = tiny_project.call("graph", "specs/lamp.rules", "--format", "mermaid").out
    assert out.startswith("flowchart TD\n")
    nodes = re.findall(r"^  (\w+)[\[({]", out, re.MULTILINE)
    edges = re.findall(r"^  (\w+) --> (\w+)$", out, re.MULTILINE)
    assert len(nodes) == len(set(nodes)) == 13 and len(edges) == 13
    assert {name for edge in edges for name in edge} == set(nodes)
    assert '  c_lamp_2{{"lamp.2 Light of a turn"}}:::clause\n' in out and "  c_lamp_2 --> q_light\n" in out


def test_graph_gives_mermaid_no_text_that_it_obeys(tiny_project):
    tiny_project.replace("specs/lamp.rules", '"Distance"', '"end; <b>#quot` & \x1b[31m"')
    out = tiny_project.call("graph", "specs/lamp.rules", "--format", "mermaid").out
    [line] = [line for line in out.splitlines() if line.startswith("  c_lamp_1{")]
    assert line == '  c_lamp_1{{"lamp.1 end#59; #60;b#62;#35;quot#96; #38; [31m"}}:::clause'


def test_graph_wraps_at_eighty_columns(tiny_project):
    more = "".join(f"input quantity_number_{i} : 1\n" for i in range(20)) + "\nclause lamp.1"
    tiny_project.replace("specs/lamp.rules", "\nclause lamp.1", more)
    tiny_project.replace("specs/lamp.rules", "sqrt(x^2", f"sqrt(({' * '.join(f'quantity_number_{i}' for i in range(20))}) * x^2")
    ended = tiny_project.call("graph", "specs/lamp.rules")
    assert ended.status == 0 and max(map(len, ended.out.splitlines())) <= 80 and "quantity_number_19" in ended.out


def test_graph_goes_to_a_file(tiny_project):
    shown = tiny_project.call("graph", "specs/lamp.rules")
    ended = tiny_project.call("graph", "specs/lamp.rules", "--output", "graph.txt")
    assert (ended.status, ended.out) == (0, "") and tiny_project.text("graph.txt") == shown.out


@pytest.mark.parametrize("words, parts", [
    (["specs/lamp.rules", "--from", "hieght"], ("--from hieght: neither a clause nor a quantity", "did you mean `height`?")),
    (["specs/lamp.rules", "--to", "lamp.9"], ("--to lamp.9", "lamp.")),
    (["specs/lamp.rules", "--to", "pixel"], ("--to pixel: neither",)),
    (["specs/gone.rules"], ("specs/gone.rules", "there is no such file")),
    (["specs/lamp.rules", "--output", "specs"], ("specs", "it is a folder")),
])
def test_graph_answers_what_it_does_not_know(tiny_project, complains, words, parts):
    complains(tiny_project.call("graph", *words), 2, *parts)


def test_graph_knows_no_other_format(tiny_project):
    assert tiny_project.call("graph", "specs/lamp.rules", "--format", "poem").status == 2
