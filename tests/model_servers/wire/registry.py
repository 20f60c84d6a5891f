"""The wires by the name of the vendor whose program speaks them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from model_servers.wire.interface import Wire

WIRES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "codex": "model_servers.wire.responses:ResponsesWire",
        "claude": "model_servers.wire.messages:MessagesWire",
        "gemini": "model_servers.wire.contents:ContentsWire",
        "opencode": "model_servers.wire.chat:ChatWire",
    }
)


def wire(vendor: str) -> Wire:
    module, name = WIRES[vendor].split(":")
    made: Wire = getattr(importlib.import_module(module), name)()
    return made
