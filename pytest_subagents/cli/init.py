"""`subagents init`: a first team in a repository that has none: green at once, and in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.escape import terminal
from pytest_subagents.writing import shared_mode, write_file

_FILES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "subagents.yaml": ("workflow_file.txt", "two subagents, and their order"),
        "contracts/review.json": ("review.json", "what their answers must satisfy"),
        "agents/example_agent.py": ("example_agent.txt", "stands in for an agent"),
        "recordings/first-team/review.jsonl": ("review.jsonl", "what each said, as recorded"),
        "recordings/first-team/review.meta.json": ("review.meta.json", ""),
        "recordings/first-team/advise.jsonl": ("advise.jsonl", ""),
        "recordings/first-team/advise.meta.json": ("advise.meta.json", ""),
        ".github/workflows/subagents.yml": ("github.yml", "replays them in CI, offline"),
    }
)
"""From the current folder: what it is made of, in `starter/`, and what it is."""
_IGNORED: Final = ".gitignore"
_COLUMN: Final = max(map(len, _FILES))


@click.command()
def init() -> None:
    """Write a first workflow, with a CI job.

    Into the current folder, which should be the root of a repository: a workflow file with two subagents, their
    contract, a small program that stands in for an agent, its recordings, and a job for GitHub Actions. `pytest
    --subagents subagents.yaml` passes at once, and needs neither a key nor the network. It asks nothing.

    Nothing is ever written over: where one of the files is there already, nothing is written at all. A .gitignore is
    written only where there is none.

    Exit codes: 0; 4 where something is in the way.
    """
    root = Path.cwd()
    in_the_way = list(_in_the_way(root))
    if in_the_way:
        verb = "is there already" if len(in_the_way) == 1 else "are there already"
        hint = "nothing was written; move it away, or run init in another folder"
        raise BadUsage("init", f"{', '.join(map(terminal, in_the_way))} {verb}", hint=hint)
    starter = files("pytest_subagents.cli").joinpath("starter")
    for path, (source, what) in _FILES.items():
        write_file(root / path, starter.joinpath(source).read_bytes(), below=root, mode=shared_mode())
        click.echo(f"written  {path:<{_COLUMN}}  {what}".rstrip())
    ignored = os.path.lexists(root / _IGNORED)
    if not ignored:
        data = starter.joinpath("gitignore.txt").read_bytes()
        write_file(root / _IGNORED, data, below=root, mode=shared_mode())
        click.echo(f"written  {_IGNORED:<{_COLUMN}}  what runs leave behind")
    click.echo()
    if ignored:
        click.echo(f"{_IGNORED} is left as it is; .subagents/ and artifacts/ belong into it")
    click.echo("Next     pytest --subagents subagents.yaml")


def _in_the_way(root: Path) -> Iterator[str]:
    """Files that are there, and what stands where a folder has to be."""
    found: dict[str, None] = {}
    for path in _FILES:
        for folder in reversed(Path(path).parents[:-1]):
            if os.path.lexists(root / folder) and ((root / folder).is_symlink() or not (root / folder).is_dir()):
                found.setdefault(folder.as_posix())
        if os.path.lexists(root / path):
            found.setdefault(path)
    yield from found
