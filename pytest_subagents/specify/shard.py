"""`2/5` as a `Shard`."""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import SHARDS
from pytest_subagents.model.shard import Shard

_FORM: Final = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
_EXAMPLE: Final = "write it as I/N: 1/3, 2/3 and 3/3 are the parts of a run on three machines"


def read_shard(text: str, where: str) -> Shard:
    """The shard that `text` names; `BadUsage` at `where` for anything else."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise BadUsage(where, f"{text!r} is no shard", hint=_EXAMPLE)
    number, count = int(match[1]), int(match[2])
    if not 1 <= count <= SHARDS:
        raise BadUsage(where, f"{text!r}: there are from 1 to {SHARDS:,} shards", hint=_EXAMPLE)
    if not 1 <= number <= count:
        raise BadUsage(where, f"{text!r}: the shards of {count:,} are numbered from 1 to {count:,}", hint=_EXAMPLE)
    return Shard(number=number, count=count)
