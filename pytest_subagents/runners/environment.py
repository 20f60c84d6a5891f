"""All that an agent's process finds in its environment: what a program needs to start, and what a person named.

Everything else stays here, keys of other services first of all. A child can still read the environment of its parent,
and that of other agents of the same user, from `/proc`; what is in nobody's environment cannot be found there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.runners.private_home import PrivateHome

_KEPT: Final = frozenset({"LANG", "LANGUAGE", "TZ"})
_PRIVATE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
    }
)
"""Below the private home; a program makes them where it needs them."""
_OURS: Final = frozenset({"HOME", "TMPDIR", *_PRIVATE})


class AgentEnvironment(Value, frozen=True, kw_only=True):
    """The whole environment of one agent's process."""

    variables: Mapping[str, str]
    secrets: tuple[str, ...] = ()
    """The values that the allow-list let through and that can be redacted, longest first."""
    missing: tuple[str, ...] = ()
    """What was named and is not set here."""
    hints: tuple[str, ...] = ()
    """What a person may want to know if the run fails, or before its recording is shared."""


def let_through(environ: Mapping[str, str], allowed: Sequence[str], *, where: str = "env") -> Mapping[str, str]:
    """Those of the `allowed` names that are set, with their values, in the order they were named.

    `BadUsage` for a name that is a run's own (HOME, TMPDIR, XDG_*): it would lead an agent to the person's files.
    """
    for name in allowed:
        if name in _OURS:
            hint = "name the folder with the vendor's configuration under `home`; it is copied for each run"
            raise BadUsage(where, f"{name} is private to each run", hint=hint)
    return MappingProxyType({name: environ[name] for name in allowed if name in environ})


def environment_of(
    environ: Mapping[str, str], allowed: Sequence[str], own: Mapping[str, str], home: PrivateHome, *, where: str = "env"
) -> AgentEnvironment:
    """PATH, locale and time zone of `environ`, the private folders, the `allowed` names, and over all the vendor's
    `own` variables.

    Proxies and certificates are names like any other: `allowed` or not there. A name that is not set is no mistake, as
    a machine may do without it, but it is told. `where` is the place of the allow-list, for errors.
    """
    named = let_through(environ, allowed, where=where)
    variables = {name: value for name, value in environ.items() if name in _KEPT or name.startswith("LC_")}
    variables |= {"PATH": _path(environ), "TERM": "dumb", "HOME": str(home.home), "TMPDIR": str(home.temporary)}
    variables |= {name: str(home.home / below) for name, below in _PRIVATE.items()}
    variables |= {**named, **own}
    missing = tuple(name for name in dict.fromkeys(allowed) if name not in environ)
    short = tuple(name for name, value in named.items() if len(value) < limits.SECRET_CHARS)
    secrets = {value for value in named.values() if len(value) >= limits.SECRET_CHARS}
    return AgentEnvironment(
        variables=MappingProxyType(variables),
        secrets=tuple(sorted(secrets, key=lambda value: (-len(value), value))),
        missing=missing,
        hints=(*map(_not_set, missing), *(_too_short(name, named[name]) for name in short)),
    )


def _path(environ: Mapping[str, str]) -> str:
    """Without entries that are relative or empty: there they would mean the folder that the agent works in."""
    entries = [entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
    return os.pathsep.join(entries) or os.defpath


def _not_set(name: str) -> str:
    return f"{name} is named under `env`, but it is not set"


def _too_short(name: str, value: str) -> str:
    if not value:
        return f"{name} is set, but empty"
    return f"{name} has fewer than {limits.SECRET_CHARS} characters; it is not cut out of recordings"
