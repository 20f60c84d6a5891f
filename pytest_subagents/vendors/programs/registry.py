"""The programs of the vendors; a vendor's is imported only when it is used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from pytest_subagents.errors import BadUsage
from pytest_subagents.vendors.programs.interface import Program
from pytest_subagents.vendors.registry import VENDORS
from pytest_subagents.vendors.third_parties import loaded


@cache
def program(vendor: str) -> Program:
    """The program of `vendor`.

    Raises `KeyError` where there is no such vendor, or where only its recordings are read, and `BadUsage` where
    another package registers a program that cannot be used.
    """
    address = VENDORS[vendor].program
    if address is None:
        raise KeyError(vendor)
    if vendor in VENDORS.ours:
        module, _, attribute = address.partition(":")
        return cast("Program", getattr(import_module(module), attribute)())
    return _of_another(vendor, address)


def startable() -> tuple[str, ...]:
    """The vendors that have a program, sorted; those of other packages are believed to have one."""
    ours = (name for name, vendor in VENDORS.ours.items() if vendor.program is not None)
    return tuple(sorted((*ours, *VENDORS.theirs())))


def _of_another(vendor: str, address: str) -> Program:
    where = VENDORS.theirs()[vendor].where
    made = loaded(address, where)
    if not isinstance(made, type):
        raise BadUsage(where, f"{address!r} is no Program class")
    try:
        found = cast("Program", made())
        name = found.vendor
    except Exception as error:  # another's code
        what = f"{address!r} cannot be made without arguments: {type(error).__name__}: {error}"
        raise BadUsage(where, what, hint="see pytest_subagents.vendors.programs.interface.Program") from error
    if name != vendor:
        raise BadUsage(where, f"{address!r} is the program of {name!r}", hint="give both one name")
    return found
