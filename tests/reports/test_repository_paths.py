"""A path of an agent's is a place in the repository, or none."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.reports.places import as_uri, declared_in, inside

HOSTILE = json.loads((Path(__file__).parents[1] / "data/hostile/sarif/finding-files.json").read_text(encoding="utf-8"))
odd = st.text(st.sampled_from("./\\%25eEfF:aA~ ?#\0\n\u202e"), max_size=12)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("src/a.py", "src/a.py"),
        ("./src//a.py", "src/a.py"),
        ("src/../b.py", "b.py"),
        ("src/größe 1%.py", "src/größe 1%.py"),
        ("a/..b", "a/..b"),
        ("..", None),
        ("", None),
        (".", None),
        ("../a.py", None),
        ("src/../../a.py", None),
        ("/src/a.py", None),
        ("~/a.py", "~/a.py"),
        ("src\\a.py", None),
        ("a%2e%2e/%252e%252e/x", None),
        ("%2fetc/passwd", None),
        ("c:a.py", None),
        ("a\nb.py", None),
        ("x" * 2_000, None),
        (None, None),
    ],
)
def test_only_a_relative_path_below_the_rootdir_is_a_place(path: str | None, place: str | None) -> None:
    assert inside(path) == place


def test_of_the_hostile_paths_only_a_strange_name_is_left() -> None:
    assert [as_uri(place) for path in HOSTILE if (place := inside(path))] == ["a%20b%2520%23frag%3Fx"]


@given(st.text(max_size=12) | odd | st.sampled_from(HOSTILE))
def test_no_reader_of_a_uri_leaves_the_rootdir_however_often_it_decodes(path: str) -> None:
    place = inside(path)
    if place is None:
        return
    assert inside(place) == place
    uri = as_uri(place)
    assert unquote(uri) == place
    assert urljoin("file:///repo/root/", uri).startswith("file:///repo/root/")
    for _ in range(5):
        assert not posixpath.normpath(uri).startswith(("/", "../"))
        uri = unquote(uri)


def test_a_row_is_declared_in_the_file_of_its_node_id() -> None:
    assert declared_in("a/subagents.yaml::x") == "a/subagents.yaml"
    assert declared_in("../elsewhere/x.jsonl::x") is None
