"""Runs a subagent by the program of its vendor."""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model.spec import Subagent, Tool, VendorSettings
from pytest_subagents.runners.environment import environment_of, let_through
from pytest_subagents.runners.executing import Start, execute, not_launched, written
from pytest_subagents.runners.live_interface import Executed, Job
from pytest_subagents.runners.private_home import PrivateHome, private_home
from pytest_subagents.runners.supervision.order import Bounds, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.vendors.programs.interface import Launch, Program, Request
from pytest_subagents.vendors.programs.registry import program
from pytest_subagents.vendors.watching import Progress

_VERSION: Final = re.compile(r"\d+(?:\.\d+)+")
_VERSION_SECONDS: Final = 60.0
_versions: dict[tuple[str, str], str | None] = {}
"""By the program's path and its file's identity: each is asked once by a process."""


def tools_of(subagent: Subagent) -> frozenset[Tool]:
    """What it may use: as it says, or what its scope needs. Who may write nothing has no tool that writes."""
    if subagent.tools is not None:
        return frozenset(subagent.tools)
    readers: frozenset[Tool] = frozenset({"read", "search"})
    return readers | {"edit", "shell"} if subagent.scope.write else readers


class ProcessRunner:
    """Implements `LiveRunner`."""

    def run(self, job: Job, *, stop: Stop, watched: Callable[[Progress], None]) -> Executed:
        vendor = job.subagent.vendor or ""
        found, settings = program(vendor), settings_of(job.subagent)
        where = job.subagent.where
        with private_home(
            job.homes,
            config_folder=found.config_folder,
            rootdir=job.rootdir,
            source=settings.home,
            where=f"{where}: vendors.{vendor}.home",
        ) as home:
            launch = found.launch(_request(job, settings, home))
            home.write(launch.files)
            missing = _not_there(launch, job)
            if missing:
                return not_launched(job, vendor, missing, hints=(f"is {launch.argv[0]!r} installed, and in PATH?",))
            version = _version(found, launch, job, settings, home, stop)
            too_old = _too_old(found, version)
            if too_old:
                return not_launched(job, vendor, too_old)
            start = Start(
                vendor=vendor,
                launch=launch,
                settings=settings,
                home=home,
                cli_version=version,
                speaks_at_once=found.executable is not None,
            )
            executed = execute(job, start, stop=stop, watched=watched)
            return _with_answer(replace(executed, plain=found.executable is None), job)


def _request(job: Job, settings: VendorSettings, home: PrivateHome) -> Request:
    return Request(
        subagent=job.subagent,
        settings=settings,
        prompt=job.prompt,
        prompt_file=written(job.folder / "prompt.md", job.prompt),
        workspace=job.workspace,
        home=home.home,
        config=home.config,
        temporary=home.temporary,
        output_file=home.home / "final-message",
        session=str(uuid.uuid4()),
        tools=tools_of(job.subagent),
        model=job.subagent.model,
        schema=job.schema,
        schema_file=written(job.folder / "contract.json", json.dumps(job.schema, ensure_ascii=False, indent=2) + "\n"),
        environ=let_through(job.environ, settings.env, where=f"{job.subagent.where}: env"),
        config_text=home.text,
    )


def _with_answer(executed: Executed, job: Job) -> Executed:
    """The final message of a program without a stream is in its private home, which is about to be removed."""
    source = executed.answer_file
    if source is None:
        return executed
    kept = job.folder / "final-message"
    with suppress(OSError):
        shutil.copyfile(source, kept, follow_symlinks=False)
    return replace(executed, answer_file=kept)


def _not_there(launch: Launch, job: Job) -> str:
    """Why the program cannot be found; what else can be wrong with it, the attempt to start it tells."""
    name = launch.argv[0]
    path = job.environ.get("PATH")
    if "/" in name or shutil.which(name, path=path) is not None:
        return ""
    there = shutil.which(name, mode=os.F_OK, path=path) is not None
    return f"the program {name!r} is {'in PATH, but may not be executed' if there else 'not in PATH'}"


def _version(
    found: Program, launch: Launch, job: Job, settings: VendorSettings, home: PrivateHome, stop: Stop
) -> str | None:
    """The version that the program prints of itself, asked once in a process; None where it does not tell."""
    path = shutil.which(launch.argv[0], path=job.environ.get("PATH"))
    if found.version_arguments is None or path is None:
        return None
    status = Path(path).stat()
    key = (path, f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}")
    if key not in _versions:
        stdout = job.folder / "version.out"
        ending = supervise(
            Order(
                argv=(path, *found.version_arguments),
                env=environment_of(job.environ, (), launch.env, home).variables,
                cwd=home.home,
                stdout=stdout,
                stderr=job.folder / "version.err",
                end=job.folder / "version.json",
                bounds=Bounds(timeout=_VERSION_SECONDS, output_bytes=64 * 1024, grace=1.0),
            ),
            stop=stop,
        )
        if ending.cause != "exited" or ending.exit_code != 0:
            return None
        said = _VERSION.search(stdout.read_text(encoding="utf-8", errors="replace"))
        _versions[key] = said[0] if said is not None else None
    return _versions[key]


def _too_old(found: Program, version: str | None) -> str:
    oldest = found.oldest
    if oldest is None or version is None:
        return ""
    if tuple(int(part) for part in version.split(".")) >= oldest:
        return ""
    return f"{found.executable} {version} is older than {'.'.join(map(str, oldest))}, the oldest that is supported"
