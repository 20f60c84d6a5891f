"""Which gateways of xdist lead to a place with files of its own, and what xdist cannot take there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import pytest

from pytest_subagents.errors import BadUsage

ELSEWHERE: Final = "subagents_elsewhere"
"""In the `workerinput` of a worker elsewhere: the options of ours that its controller's environment sets."""

OWN: Final = "execmodel=main_thread_only//"
"""What xdist puts before each specification."""
BROUGHT: Final = ("pytest", "_pytest")
"""The folders that xdist copies into the current folder of a worker elsewhere."""


def is_elsewhere(spec: str) -> bool:
    """Whether the worker of a gateway's specification (`--tx`) has another current folder than this process, mostly on
    another machine; xdist itself asks the same. The specification may say how often: `2*ssh=host`."""
    parts = spec.rpartition("*")[2].split("//")
    names = {part.partition("=")[0] for part in parts}
    return "popen" not in names or bool(names & {"chdir", "via"})


def plain_spec(spec: object) -> str:
    """A gateway's specification as it was given, without the values of variables, which may be secrets."""
    parts = str(spec).replace(OWN, "").split("//")
    return "//".join(part for part in parts if not part.startswith("env:"))


def options_in(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that set options of ours."""
    return {name: value for name, value in environ.items() if name == "SUBAGENTS" or name.startswith("SUBAGENTS_")}


def refuse_paths(config: pytest.Config) -> None:
    """`BadUsage` where a worker elsewhere would not run what was asked for here."""
    spec = next((spec for spec in map(str, config.getoption("tx")) if is_elsewhere(spec)), None)
    if spec is None:
        return
    cwd, rootdir = config.invocation_params.dir, config.rootpath
    for arg in map(str, config.invocation_params.args):
        path = arg.partition("::")[0]
        if path and not arg.startswith("-") and os.path.exists(cwd / path):
            raise BadUsage(
                "--tx",
                f"{plain_spec(spec)!r} is another place, and xdist cannot tell it of the path {arg!r}",
                hint="say what to run by testpaths in the ini file, by -k or by -m, and values of options after a '='",
            )
    if cwd != rootdir:
        raise BadUsage(
            "--tx",
            f"{plain_spec(spec)!r} is another place, which does not know that pytest was started in {cwd}",
            hint=f"start it in {rootdir}, and select by testpaths in the ini file, -k or -m",
        )
