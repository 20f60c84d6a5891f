"""Any file that a person writes, as one kind of tree."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadFile
from pytest_subagents.specify.opening import read_text
from pytest_subagents.specify.place import nearest, shown_path
from pytest_subagents.specify.tree import Located

_SYNTAXES: Final = {
    ".yaml": "pytest_subagents.specify.yaml_source:tree_of",
    ".yml": "pytest_subagents.specify.yaml_source:tree_of",
    ".toml": "pytest_subagents.specify.toml_source:tree_of",
    ".json": "pytest_subagents.specify.json_source:tree_of",
}
"""Addresses, so that a file in one syntax does not load the readers of the others."""

SUFFIXES: Final = tuple(_SYNTAXES)


def read_tree(path: Path, *, rootdir: Path) -> Located:
    """The tree of a YAML, TOML or JSON file, by its suffix.

    A file without content is `Leaf(None)`. Every fault of the file or of the file system is a `BadFile` that names the
    file from `rootdir` and, where there is one, the line.
    """
    shown = shown_path(path, rootdir)
    address = _SYNTAXES.get(path.suffix.lower())
    if address is None:
        hint = nearest(path.suffix, _SYNTAXES)
        raise BadFile(shown, f"has the suffix {path.suffix!r}, which says nothing about its syntax", hint=hint)
    text = read_text(path, shown)
    if _leads_out(path, rootdir):
        hint = "put the file itself there: what a link leads to would be quoted in messages"
        raise BadFile(shown, "is a link to a place outside the repository", hint=hint)
    module, _, function = address.partition(":")
    tree_of: Callable[[str, str], Located] = getattr(import_module(module), function)
    return tree_of(text, shown)


def _leads_out(path: Path, rootdir: Path) -> bool:
    """Whether a file below `rootdir` is a link that leaves it."""
    if not os.path.islink(path) or not path.is_relative_to(rootdir):
        return False
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(rootdir))
