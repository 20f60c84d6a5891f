"""One agent's process from its private home to its end: what the live runners have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model import limits
from pytest_subagents.model.spec import Limits, VendorSettings
from pytest_subagents.model.value import Value
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.live_interface import Executed, Job
from pytest_subagents.runners.private_home import PrivateHome
from pytest_subagents.runners.supervision.order import Bounds, Cause, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.vendors.checkpoints import Checkpoints
from pytest_subagents.vendors.programs.interface import Launch
from pytest_subagents.vendors.reads import Reads
from pytest_subagents.vendors.watching import Progress, Watcher

_KINDS: Final[dict[Cause, str]] = {
    "start_timeout": "timeout",
    "idle_timeout": "idle_timeout",
    "timeout": "timeout",
    "output_limit": "output_limit",
    "disk": "killed",
    "stopped": "killed",
    "lost": "killed",
}
"""What supervision did to a run, as the kind of a reason. What the watcher stopped has a kind of its own."""


class Start(Value, frozen=True, kw_only=True):
    """What is to be started, and as whom."""

    vendor: str
    launch: Launch
    settings: VendorSettings
    home: PrivateHome
    cli_version: str | None = None
    tells_all: bool = True
    """Whether its events tell all that it reads, as far as a vendor's do; the code of a function may read anything."""
    speaks_at_once: bool = True
    """Whether silence at the start means that something is wrong; a program of a person's own may print its answer and
    nothing else."""


def execute(job: Job, start: Start, *, stop: Stop, watched: Callable[[Progress], None]) -> Executed:
    """Run it under supervision and say what came of it; none of its processes lives after that."""
    stream, stderr = job.folder / "stream.jsonl", job.folder / "stderr.log"
    environment = environment_of(job.environ, start.settings.env, start.launch.env, start.home)
    declared = job.subagent.checkpoints
    checkpoints = Checkpoints(declared, workspaces=[str(job.workspace)]) if declared else None
    reads = Reads(workspaces=[str(job.workspace)])
    watcher = Watcher(stream, job.subagent.limits, model=job.subagent.model, checkpoints=checkpoints, reads=reads)

    def watch(size: int) -> str | None:
        said = watcher(size)
        watched(watcher.progress)
        return said

    ending = supervise(
        Order(
            argv=start.launch.argv,
            env=environment.variables,
            cwd=job.workspace,
            stdout=stream,
            stderr=stderr,
            end=job.folder / "end.json",
            stdin=start.launch.stdin,
            bounds=_bounds(job.subagent.limits, speaks_at_once=start.speaks_at_once),
        ),
        watch=watch,
        stop=stop,
    )
    progress = watcher.finish()
    watched(progress)
    used = reads.use()
    stop_kind = watcher.stop_kind if ending.cause == "watch" else _KINDS.get(ending.cause)
    return Executed(
        ending=ending,
        vendor=start.vendor,
        stream=stream,
        stderr=stderr,
        cli_version=start.cli_version,
        answer_file=start.launch.answer_file,
        progress=progress,
        used=used if start.tells_all else replace(used, unknown=used.unknown + 1),
        stop_kind=stop_kind,
        stop_message=ending.message if stop_kind is not None else "",
        secrets=environment.secrets,
        homes=(str(start.home.home), str(start.home.temporary)),
        hints=environment.hints,
    )


def not_launched(job: Job, vendor: str, why: str, hints: tuple[str, ...] = ()) -> Executed:
    """What stands for a run that could not even be tried."""
    return Executed(
        ending=Ending(cause="launch", exit_code=None, message=why),
        vendor=vendor,
        stream=job.folder / "stream.jsonl",
        stderr=job.folder / "stderr.log",
        hints=hints,
    )


def written(path: Path, text: str) -> Path:
    """`text` in a new file that only its owner may read."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _bounds(given: Limits, *, speaks_at_once: bool) -> Bounds:
    return Bounds(
        timeout=given.timeout,
        idle_timeout=given.idle_timeout,
        start_timeout=min(limits.START_SECONDS, given.timeout) if speaks_at_once else None,
        output_bytes=limits.LIVE_OUTPUT_BYTES,
    )
