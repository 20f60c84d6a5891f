"""`contract.map.yaml` beside a contract: where it keeps what a report needs, how an answer is taken from its text."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pytest_subagents.model.spec import Extract, FieldMap
from pytest_subagents.model.value import Value
from pytest_subagents.specify.keys.contract import EXTRACTS
from pytest_subagents.specify.keys.field_map import FIELD_MAP
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice
from pytest_subagents.specify.place import Place, Source, shown_path
from pytest_subagents.specify.reading import read_tree
from pytest_subagents.specify.tree import Leaf, Table


class Beside(Value, frozen=True, kw_only=True):
    """What such a file says."""

    map: FieldMap | None = None
    extract: Extract = "strict"


_WHOLE: Final = Record(
    make=Beside,
    keys=(
        Key(name="map", kind=FIELD_MAP, doc="Where the contract keeps what a report needs", replay="honoured"),
        Key(
            name="extract",
            kind=Choice(choices=EXTRACTS),
            doc="`fenced`: the answer may stand in a single fenced block",
            default="strict",
            replay="honoured",
        ),
    ),
)


def read_map(path: Path, rootdir: Path) -> Beside:
    """What a file says: the keys of a map, or `map` and `extract` as in a workflow file.

    Raises `BadFile`, also for an empty one.
    """
    tree = read_tree(path, rootdir=rootdir)
    at = Place(Source(shown=shown_path(path, rootdir), rootdir=rootdir, folder=path.parent))
    if isinstance(tree, Leaf) and tree.value is None:
        raise at.fault(0, "is empty", hint="it maps the contract's fields, such as 'status: /verdict'")
    if isinstance(tree, Table) and any(_WHOLE.key(entry.key) for entry in tree.entries):
        return _WHOLE.read(tree, at)
    return Beside(map=FIELD_MAP.read(tree, at))
