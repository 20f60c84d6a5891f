"""What a warden is told over its control pipe, as bytes.

No JSON: its parser would be a third of the time that a warden takes to start, and neither an argument nor a variable
nor a path can hold a NUL, so a NUL between them is all the syntax there is. Variables never stand in argv, which
everybody can read.
"""

from __future__ import annotations

MARK = "SUBAGENTS_RUN_MARK"
"""The variable by which an agent's processes are known where nothing else is left of their ancestry."""
_NUMBERS = 11


class Job:
    """One agent to be run. Seconds and bytes; None is no bound."""

    __slots__ = (
        "argv",
        "cwd",
        "end",
        "env",
        "grace",
        "idle_timeout",
        "kill_seconds",
        "leftover_seconds",
        "mark",
        "output_bytes",
        "start_timeout",
        "stderr",
        "stderr_bytes",
        "stdin",
        "stdout",
        "timeout",
        "watch_seconds",
        "worker",
    )

    def __init__(
        self,
        *,
        argv: list[bytes],
        env: dict[bytes, bytes],
        mark: bytes,
        cwd: bytes,
        stdin: bytes | None,
        stdout: bytes,
        stderr: bytes,
        end: bytes,
        worker: int,
        timeout: float | None,
        idle_timeout: float | None,
        start_timeout: float | None,
        output_bytes: int | None,
        grace: float,
        stderr_bytes: int,
        kill_seconds: float,
        leftover_seconds: float,
        watch_seconds: float | None,
    ) -> None:
        self.argv = argv
        self.env = env
        self.mark = mark
        self.cwd = cwd
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.end = end
        self.worker = worker
        self.timeout = timeout
        self.idle_timeout = idle_timeout
        self.start_timeout = start_timeout
        self.output_bytes = output_bytes
        self.grace = grace
        self.stderr_bytes = stderr_bytes
        self.kill_seconds = kill_seconds
        self.leftover_seconds = leftover_seconds
        self.watch_seconds = watch_seconds


def encode(job: Job) -> bytes:
    """A line with the number of bytes that follow, and these bytes. `ValueError` where something holds a NUL."""
    numbers = (
        job.worker,
        job.timeout,
        job.idle_timeout,
        job.start_timeout,
        job.output_bytes,
        job.grace,
        job.stderr_bytes,
        job.kill_seconds,
        job.leftover_seconds,
        job.watch_seconds,
        len(job.argv),
    )
    fields = [b"" if number is None else repr(number).encode() for number in numbers]
    fields += [job.mark, job.cwd, job.stdin or b"", job.stdout, job.stderr, job.end, *job.argv]
    for name, value in job.env.items():
        if b"=" in name or not name:
            raise ValueError(f"{name!r} is no name of an environment variable")
        fields.append(name + b"=" + value)
    for field in fields:
        if b"\0" in field:
            raise ValueError(f"an argument, a variable or a path holds a NUL: {field[:40]!r}")
    body = b"\0".join(fields)
    return b"%d\n" % len(body) + body


def decode(body: bytes) -> Job:
    """What `encode` was given, from the bytes after its first line."""
    fields = body.split(b"\0")
    worker, timeout, idle, start, output, grace, stderr_bytes, kill, leftover, watch, count = fields[:_NUMBERS]
    mark, cwd, stdin, stdout, stderr, end, *rest = fields[_NUMBERS:]
    argv, variables = rest[: int(count)], rest[int(count) :]
    return Job(
        argv=argv,
        env={name: value for name, _, value in (variable.partition(b"=") for variable in variables)},
        mark=mark,
        cwd=cwd,
        stdin=stdin or None,
        stdout=stdout,
        stderr=stderr,
        end=end,
        worker=int(worker),
        timeout=_seconds(timeout),
        idle_timeout=_seconds(idle),
        start_timeout=_seconds(start),
        output_bytes=int(output) if output else None,
        grace=float(grace),
        stderr_bytes=int(stderr_bytes),
        kill_seconds=float(kill),
        leftover_seconds=float(leftover),
        watch_seconds=_seconds(watch),
    )


def _seconds(field: bytes) -> float | None:
    return float(field) if field else None
