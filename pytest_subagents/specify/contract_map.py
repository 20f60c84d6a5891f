"""`contract.map.yaml` beside a contract: where it keeps what a report needs."""

from __future__ import annotations

from pathlib import Path

from pytest_subagents.model.spec import FieldMap
from pytest_subagents.specify.keys.field_map import FIELD_MAP
from pytest_subagents.specify.place import Place, Source, shown_path
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.tree import Leaf


def read_map(path: Path, rootdir: Path) -> FieldMap:
    """The map of a file. Raises `BadFile`, also for an empty one."""
    tree = read_tree(path, rootdir=rootdir)
    at = Place(Source(shown=shown_path(path, rootdir), rootdir=rootdir, folder=path.parent))
    if isinstance(tree, Leaf) and tree.value is None:
        raise at.fault(0, "is empty", hint="it maps the contract's fields, such as 'status: /verdict'")
    return FIELD_MAP.read(tree, at)
