"""The process of a subagent that is a Python function: `python -m pytest_subagents.runners.function_child CALL`.

Its standard output is the stream, in the neutral dialect. Whatever the function or a library prints goes to standard
error instead, also from C or from a child process. Exit codes: 0; 1 where the function raised; 2, with nothing on
standard output, where there is no such function.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, cast

import msgspec

from pytest_subagents.runners.function_answer import NoAnswerError, answer_text
from pytest_subagents.runners.function_call import CallFile, FunctionCall, read_call
from pytest_subagents.runners.function_events import Emit
from pytest_subagents.vendors.dialects.subagents_events import FORMAT
from pytest_subagents.vendors.failures import classify

_RAISED: Final = 1
_NO_FUNCTION: Final = 2


class _NoFunctionError(Exception):
    """The address names no function that may be called; the words say why."""


def main(arguments: list[str]) -> int:
    emit = Emit(_stream())
    try:
        given, call = read_call(Path(arguments[0]).read_bytes(), emit)
        function = _function(given)
    except (_NoFunctionError, IndexError, OSError, msgspec.DecodeError) as error:
        print(f"subagents: error: {error}", file=sys.stderr)
        return _NO_FUNCTION
    return _run(function, given, call)


def _stream() -> int:
    """Standard output, kept for the events alone; from here on, what is printed goes to standard error."""
    stream = os.dup(1)  # not inherited by processes that the function starts
    os.dup2(2, 1)
    return stream


def _function(given: CallFile) -> Callable[[FunctionCall], object]:
    """The callable at `package.module:function`, of a module below the rootdir.

    A workflow file names code of its own repository, and not any callable that happens to be installed (`os:system`).
    """
    address, rootdir = given.address, Path(given.rootdir)
    name, _, attribute = address.partition(":")
    if not name or not attribute.isidentifier():
        raise _NoFunctionError(f"function: {address!r} is not of the form package.module:function")
    sys.path.insert(0, str(rootdir))
    try:
        module = importlib.import_module(name)
    except BaseException as error:  # the module's own code runs
        traceback.print_exc()
        raise _NoFunctionError(
            f"function: {address!r} cannot be imported from {given.rootdir}: {type(error).__name__}: {error}"
        ) from error
    home = getattr(module, "__file__", None)
    if home is None or not _is_own(Path(home), rootdir):
        raise _NoFunctionError(f"function: {address!r} is not code of this repository; name a function below its root")
    found = getattr(module, attribute, None)
    if not callable(found) or getattr(found, "__module__", None) != module.__name__:
        raise _NoFunctionError(f"function: {attribute!r} is no function that is defined in {name!r}")
    with suppress(ValueError):  # no signature is known of some callables
        try:
            inspect.signature(found).bind(None)
        except TypeError as error:
            raise _NoFunctionError(f"function: {address!r} cannot be called with one argument: {error}") from error
    return cast("Callable[[FunctionCall], object]", found)


def _is_own(home: Path, rootdir: Path) -> bool:
    """Whether a file is code of the repository, and no package that is installed in an environment inside it."""
    home, rootdir = home.resolve(), rootdir.resolve()
    return rootdir in home.parents and "site-packages" not in home.relative_to(rootdir).parts


def _run(function: Callable[[FunctionCall], object], given: CallFile, call: FunctionCall) -> int:
    emit = call.emit
    emit.line("start", format=FORMAT, session_id=given.session, model=given.model, cwd=given.workspace)
    began = time.monotonic()
    try:
        text = answer_text(_called(function, call))
    except NoAnswerError as error:
        print(f"subagents: error: {given.address}: {error}", file=sys.stderr)
        emit.end(ok=False, failure="contract", message=f"{given.address}: {error}", duration_ms=_since(began))
        return _RAISED
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a run as badly as the others
        traceback.print_exc()
        _tell(error, emit, _since(began))
        return _RAISED
    if text is not None:
        emit.line("message", text=text)
    emit.end(ok=True, duration_ms=_since(began))
    return 0


def _called(function: Callable[[FunctionCall], object], call: FunctionCall) -> object:
    returned = function(call)
    return asyncio.run(_awaited(returned)) if inspect.isawaitable(returned) else returned


async def _awaited(returned: Awaitable[object]) -> object:
    return await returned


def _tell(error: BaseException, emit: Emit, duration_ms: int) -> None:
    """The end of a run that raised. What the function told as a failure before says more than the exception."""
    message = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, SystemExit):
        message = f"the function ended its process with exit code {error.code}"
    status = getattr(error, "status_code", None)  # as the SDKs of several vendors call it
    kind = classify(
        message, names=(type(error).__name__, _snake(error)), status=status if isinstance(status, int) else None
    )
    if isinstance(error, KeyboardInterrupt):
        kind = "killed"
    failure = None if emit.failed else kind
    emit.end(ok=False, failure=failure, message=message, duration_ms=duration_ms)


def _snake(error: BaseException) -> str:
    """`RateLimitError` as vendors' APIs spell it: `rate_limit_error`."""
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _leave(code: int) -> NoReturn:
    """Ends the process, also where threads of the function still run: they had their time."""
    left = [thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.main_thread()]
    if not left:
        sys.exit(code)
    print(f"subagents: {len(left)} of the function's threads still ran and were ended", file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main(sys.argv[1:]))
