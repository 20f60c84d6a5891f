"""`expect.yaml` in a folder of transcripts: what each recording must come to, by the stem of its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_subagents.model.spec import Expectation
from pytest_subagents.specify.keys.expectation import EXPECTATION
from pytest_subagents.specify.kinds.containers import MapOf
from pytest_subagents.specify.place import Place, Source, shown_path
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.tree import Leaf, Table


def _same(expectations: Mapping[str, Expectation]) -> Mapping[str, Expectation]:
    return expectations


_EXPECTATIONS: Final = MapOf(of=EXPECTATION, build=_same, words="stem -> expectation")


def read_expectations(path: Path, rootdir: Path) -> Mapping[str, Expectation]:
    """What is expected, by stem, in the order of the file; an empty file expects nothing. Raises `BadFile`."""
    tree = read_tree(path, rootdir=rootdir)
    if isinstance(tree, Leaf) and tree.value is None:
        tree = Table(())
    source = Source(shown=shown_path(path, rootdir), rootdir=rootdir, folder=path.parent)
    return _EXPECTATIONS.read(tree, Place(source))
