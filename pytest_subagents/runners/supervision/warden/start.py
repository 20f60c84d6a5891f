"""Starts the agent: its own session, nothing inherited, and words for a person where it cannot be started."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat

from pytest_subagents.runners.supervision.warden.job import MARK, Job
from pytest_subagents.runners.supervision.warden.kernel import die_with_parent


class CannotStart(Exception):
    """The program could not be started; the words say what a person must mend."""


def start(job: Job, stdout: int, stderr: int) -> int:
    """The process id of the agent, which runs the program by now. Raises `CannotStart`."""
    program = _find(job)
    env = {**job.env, MARK.encode(): job.mark}
    stdin = _stdin(job)
    # Closed by a successful exec; what comes out of it before is the errno of what went wrong.
    faults, tell = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            _become(job, program, env, parent, (stdin, stdout, stderr), tell)
        finally:
            os._exit(127)
    os.close(tell)
    os.close(stdin)
    told = b""
    while piece := os.read(faults, 1024):
        told += piece
    os.close(faults)
    if not told:
        return child
    os.waitpid(child, 0)
    stage, _, number = told.partition(b" ")
    raise CannotStart(_words(job, program, stage.decode(), int(number)))


def _become(
    job: Job, program: bytes, env: dict[bytes, bytes], parent: int, streams: tuple[int, int, int], tell: int
) -> None:
    """In the child: everything between fork and exec."""
    stage = b"prepare"
    try:
        os.setsid()
        die_with_parent(signal.SIGKILL)
        if os.getppid() != parent:
            return
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _forget_signals()
        for target, stream in enumerate(streams):
            os.dup2(stream, target)
        stage = b"chdir"
        os.chdir(job.cwd)
        stage = b"exec"
        os.execve(program, job.argv, env)
    except OSError as error:
        os.write(tell, b"%s %d" % (stage, error.errno or 0))
    except BaseException:
        os.write(tell, b"%s 0" % stage)


def _forget_signals() -> None:
    """An exec resets what is handled, not what is ignored (by Python, nohup, a shell's &) or blocked."""
    for number in range(1, signal.NSIG):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _find(job: Job) -> bytes:
    """Where the program is. Folders of PATH that are not absolute are passed over, as an agent may write there."""
    if not job.argv or not job.argv[0]:
        raise CannotStart("no program is given")
    name = job.argv[0]
    if b"/" in name:
        return os.path.join(job.cwd, name)
    folders = [folder for folder in job.env.get(b"PATH", b"").split(b":") if folder.startswith(b"/")]
    there = [path for path in (os.path.join(folder, name) for folder in folders) if os.path.isfile(path)]
    if not there:
        where = _text(b":".join(folders)) or "which is empty"
        raise CannotStart(f"{_text(name)} is not found in PATH ({where})")
    return next((path for path in there if os.access(path, os.X_OK)), there[0])


def _stdin(job: Job) -> int:
    """The file for standard input, or an empty one."""
    if job.stdin is None:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # O_NONBLOCK is for the opening of a FIFO; it means nothing for a regular file.
        file = os.open(job.stdin, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise CannotStart(f"its standard input {_text(job.stdin)} cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        raise CannotStart(f"its standard input {_text(job.stdin)} is no regular file")
    return file


def _words(job: Job, program: bytes, stage: str, number: int) -> str:
    reason = os.strerror(number) if number else "an argument or a variable is not valid"
    if stage == "chdir":
        what = "does not exist" if number == errno.ENOENT else "is no folder" if number == errno.ENOTDIR else reason
        return f"the working directory {_text(job.cwd)}: {what}"
    name = _text(program)
    if number in (errno.ENOENT, errno.ENOTDIR):
        if not os.path.lexists(program):
            return f"{name} does not exist"
        if interpreter := _interpreter(program):
            return f"{name} asks in its first line for {_text(interpreter)}, which does not exist"
        return f"{name} cannot be loaded: the loader that it names does not exist, or it is a broken link"
    if number == errno.EACCES:
        if os.path.isdir(program):
            return f"{name} is a folder"
        if not os.access(program, os.X_OK):
            return f"{name} is not executable (chmod +x)"
        return f"{name} may not be executed: its folder, file system or interpreter forbids it"
    if number == errno.ENOEXEC:
        return f"{name} is neither a program for this machine nor a script that begins with #!"
    if number == errno.E2BIG:
        longest = max(map(len, job.argv))
        size = sum(map(len, job.argv)) + sum(len(key) + len(value) for key, value in job.env.items())
        return (
            f"{name} is given too much: {size} bytes of arguments and environment, the longest argument has {longest}"
            " (Linux allows 131072 in one); a long prompt can go to standard input"
        )
    return f"{name} could not be started: {reason}"


def _interpreter(program: bytes) -> bytes:
    try:
        with open(program, "rb") as file:
            first = file.readline(256)
    except OSError:
        return b""
    words = first[2:].split() if first.startswith(b"#!") else []
    return words[0] if words else b""


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")
