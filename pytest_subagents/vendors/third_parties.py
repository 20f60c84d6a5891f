"""What other packages register: entry points, looked for only when a name is met that is none of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.value import Value

VENDORS_GROUP: Final = "pytest_subagents.vendors"
"""Entry points of this group give a `Program` class or a `Vendor`, by the vendor's name."""
DIALECTS_GROUP: Final = "pytest_subagents.dialects"
"""Entry points of this group give a `Dialect` class, by the dialect's name."""

_Entry = TypeVar("_Entry")


class Registered(Value, frozen=True, kw_only=True):
    """One entry point; nothing of its package is imported yet."""

    group: str
    name: str
    address: str
    """`module:attribute`."""
    package: str
    """The distribution that registers it, with its version; several where they contend for the name."""
    contended: bool = False

    @property
    def where(self) -> str:
        return f"entry point {self.name!r} of {self.group} ({self.package})"

    def load(self) -> object:
        """What the address stands for; raises `BadUsage`."""
        if self.contended:
            raise BadUsage(self.where, "several packages register this name", hint="uninstall all but one of them")
        return loaded(self.address, self.where)


class OpenRegistry(Mapping[str, _Entry], Generic[_Entry]):
    """Our own entries, which nobody can replace, and after them what other packages register.

    The entry points of an installation are read once in a process, and not before somebody asks for a name that is
    none of ours or has listed all of ours. To ask whether a name is there, or to list the names, imports no package.
    """

    def __init__(self, ours: Mapping[str, _Entry], group: str, entry: Callable[[Registered], _Entry]) -> None:
        self.ours: Final = MappingProxyType(dict(ours))
        """Those of this package."""
        self._group = group
        self._entry = entry

    def theirs(self) -> Mapping[str, Registered]:
        """What other packages register under a name of their own."""
        return MappingProxyType({name: one for name, one in registered(self._group).items() if name not in self.ours})

    def __getitem__(self, name: str) -> _Entry:
        if name in self.ours or not name:
            return self.ours[name]
        return self._entry(self.theirs()[name])

    def __contains__(self, name: object) -> bool:
        return name in self.ours or (bool(name) and name in self.theirs())

    def __iter__(self) -> Iterator[str]:
        yield from self.ours
        yield from self.theirs()

    def __len__(self) -> int:
        return len(self.ours) + len(self.theirs())


@cache
def registered(group: str) -> Mapping[str, Registered]:
    """The entry points of `group` by name, in the order of the names."""
    from importlib.metadata import entry_points

    found: dict[str, Registered] = {}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        package = f"{point.dist.name} {point.dist.version}" if point.dist is not None else "of no package"
        other = found.get(point.name)
        found[point.name] = Registered(
            group=group,
            name=point.name,
            address=point.value,
            package=package if other is None else f"{other.package}, {package}",
            contended=other is not None,
        )
    return MappingProxyType(found)


def loaded(address: str, where: str) -> object:
    """The attribute at `module:attribute` of another's package; raises `BadUsage` with what went wrong there."""
    module, _, attribute = address.partition(":")
    try:
        value: object = import_module(module.strip())
        for name in attribute.strip().split("."):
            value = getattr(value, name)
    except Exception as error:  # a module of another's can fail in every way
        what = f"{address!r} cannot be imported: {type(error).__name__}: {error}"
        raise BadUsage(where, what, hint="mend, reinstall or remove the package") from error
    return value
