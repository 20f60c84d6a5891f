"""What holds for the transcripts of a folder: the nearest contract, and what is expected of each.

The readers of what people write are imported where they are needed: most folders need none of them.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from pytest_subagents.conduct.shown_paths import shown_path
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.model.spec import RESULT, ContractRef, Expectation


def stem_of(path: Path) -> str:
    """What a transcript is called, and what `expect.yaml` knows it by."""
    return path.name.removesuffix(".jsonl")


def nearest_contract(folder: Path, *, rootdir: Path, default: str | None, said_by: str) -> ContractRef:
    """`contract.json` in `folder` or the nearest folder above it, with `contract.map.yaml` beside it; else `default`, a
    built-in name or a path from the rootdir, of which `said_by` tells who named it; else the built-in `result`."""
    found = _contract_above(folder, rootdir)
    if found is not None:
        where = shown_path(rootdir, str(found))
        if os.path.islink(found) and not Path(os.path.realpath(found)).is_relative_to(os.path.realpath(rootdir)):
            raise BadUsage(where, "is a link to a place outside the repository", hint="put the contract itself there")
        return _read_by(ContractRef(path=PurePosixPath(found), where=where), rootdir)
    if default is None or default in built_in_names():
        return RESULT if default is None else ContractRef(name=default, where=said_by)
    path = rootdir / default
    where = f"{said_by} = {default}"
    return _read_by(ContractRef(path=PurePosixPath(path), where=where), rootdir)


def expectations_in(folder: Path, rootdir: Path) -> Mapping[str, Expectation]:
    """What `expect.yaml` says, if there is one; `BadFile` where it names no recording beside it, since what is expected
    of none could never be broken."""
    path = folder / "expect.yaml"
    if not path.is_file():
        return {}
    from pytest_subagents.specify.expectations import read_expectations

    found = read_expectations(path, rootdir)
    stems = {stem_of(file) for file in folder.glob("*.jsonl")}
    for stem in sorted(found.keys() - stems):
        near = difflib.get_close_matches(stem, stems, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "name it as its file, without '.jsonl'"
        raise BadFile(shown_path(rootdir, str(path)), f"there is no recording {stem!r} beside it", hint=hint)
    return found


def _contract_above(folder: Path, rootdir: Path) -> Path | None:
    """`contract.json` in `folder` or the nearest folder above it, up to the rootdir (for others: two levels up)."""
    inside = folder == rootdir or rootdir in folder.parents
    for here in [folder, *folder.parents][: None if inside else 3]:
        if (here / "contract.json").is_file():
            return here / "contract.json"
        if here == rootdir:
            return None
    return None


def _read_by(contract: ContractRef, rootdir: Path) -> ContractRef:
    """`contract` as the file beside it says that it is read."""
    beside = Path(contract.path or "")
    path = beside.with_name(f"{beside.stem}.map.yaml")
    if not path.is_file():
        return contract
    from pytest_subagents.specify.contract_map import read_map

    said = read_map(path, rootdir)
    return replace(contract, map=said.map, extract=said.extract)
