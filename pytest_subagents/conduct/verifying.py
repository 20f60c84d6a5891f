"""Loading functions of `verify` and `attempts.select`: code of the repository, named by a workflow file or a mark."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import cast

from pytest_subagents.conduct.assignment import Selector, Verifier
from pytest_subagents.errors import BadUsage


def load_verifier(address: str, rootdir: Path, where: str) -> Verifier:
    """The function at `package.module:function`, as `_loaded` takes it."""
    return cast(Verifier, _loaded(address, rootdir, where, "verify"))


def load_selector(address: str, rootdir: Path, where: str) -> Selector:
    """The same for one that gives each attempt a number."""
    return cast(Selector, _loaded(address, rootdir, where, "attempts.select"))


def _loaded(address: str, rootdir: Path, where: str, key: str) -> object:
    """The function at `package.module:function`, which `key` names.

    Only modules below `rootdir` are taken: a workflow file names code of its own repository, not any callable that
    happens to be installed (`os:system`). Anything else raises `BadUsage`.
    """
    module_name, _, attribute = address.partition(":")
    # A workflow file is read before pytest has put test folders on the path, so the root of the repository is added.
    if str(rootdir) not in sys.path:
        sys.path.insert(0, str(rootdir))
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise BadUsage(
            where,
            f"{key}: {address!r} cannot be imported: {error}",
            hint="name it from the rootdir: package.module:function",
        ) from None
    home = getattr(module, "__file__", None)
    if home is None or rootdir.resolve() not in Path(home).resolve().parents:
        raise BadUsage(
            where, f"{key}: {address!r} is not code of this repository", hint="put the function below the rootdir"
        )
    function = getattr(module, attribute, None)
    if not callable(function) or getattr(function, "__module__", None) != module.__name__:
        raise BadUsage(
            where, f"{key}: {address!r} is not defined in {module_name!r}", hint="the form is package.module:function"
        )
    return cast(object, function)
