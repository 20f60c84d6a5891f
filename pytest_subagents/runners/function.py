"""Runs a subagent that is a Python function of the repository: in a process of its own, under the same supervision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from pytest_subagents.runners.executing import Start, execute, written
from pytest_subagents.runners.function_call import call_file, child_command
from pytest_subagents.runners.live_interface import Executed, Job
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.vendor_settings import settings_of
from pytest_subagents.vendors.programs.interface import Launch
from pytest_subagents.vendors.watching import Progress

_VENDOR: Final = "command"
"""The vendor of a program of a person's own, which a function is too."""


class FunctionRunner:
    """Implements `LiveRunner`."""

    def run(self, job: Job, *, stop: Stop, watched: Callable[[Progress], None]) -> Executed:
        subagent, settings = job.subagent, settings_of(job.subagent)
        call = call_file(
            address=subagent.function or "",
            rootdir=job.rootdir,
            agent=subagent.id,
            prompt=job.prompt,
            workspace=job.workspace,
            session=str(uuid.uuid4()),
            scope=subagent.scope,
            model=subagent.model,
            schema=job.schema,
            results=job.results,
        )
        path = written(job.folder / "call.json", call.decode())
        with private_home(
            job.homes,
            config_folder=".config",
            rootdir=job.rootdir,
            source=settings.home,
            where=f"{subagent.where}: home",
        ) as home:
            launch = Launch(argv=child_command(path), env={"PYTHONDONTWRITEBYTECODE": "1"})
            start = Start(
                vendor=subagent.vendor or _VENDOR, launch=launch, settings=settings, home=home, tells_all=False
            )
            return execute(job, start, stop=stop, watched=watched)
