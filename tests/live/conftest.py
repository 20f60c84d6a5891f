"""What live tests run with: the real programs, model servers of ours, and a namespace in which both are alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import pytest
from model_servers.script import Script
from model_servers.server import ModelServer
from network_namespace import NetworkNamespace, UnavailableError
from pinned import place_of
from requirements import is_missing

_PROGRAMS: Final = ("codex", "claude", "gemini", "opencode")


class StartModelServer(Protocol):
    def __call__(self, vendor: str, *scripts: Script) -> ModelServer: ...


@pytest.fixture(scope="session")
def _namespace() -> Iterator[NetworkNamespace | str]:
    try:
        namespace = NetworkNamespace()
    except UnavailableError as error:
        yield str(error)
    else:
        yield namespace
        namespace.close()


@pytest.fixture
def in_namespace(_namespace: NetworkNamespace | str) -> NetworkNamespace:
    """The network namespace that all of a live test runs in; one for each process of pytest."""
    if isinstance(_namespace, str):
        is_missing("netns", _namespace)
    return _namespace


@pytest.fixture
def clis() -> Path:
    """The folder with the real programs of all vendors, at the versions of `.ci/clis/package.json`.

    `SUBAGENTS_CLIS` names another one; by default it is where `.ci/install-clis` puts them.
    """
    named = os.environ.get("SUBAGENTS_CLIS")
    folder = Path(named) if named else place_of("clis") / "bin"
    for program in _PROGRAMS:
        if not os.access(folder / program, os.X_OK):
            is_missing(program, f"`{program}` is not in {folder}; run .ci/install-clis")
    return folder


@pytest.fixture
def model_server(in_namespace: NetworkNamespace) -> Iterator[StartModelServer]:
    """Starts scripted model servers inside the namespace. In the end it stops them and fails with what was different.

    Each is reachable at its `url` by commands that were made with `in_namespace.command`, and by no others.
    """
    servers: list[ModelServer] = []

    def start(vendor: str, *scripts: Script) -> ModelServer:
        server = ModelServer(vendor, scripts, in_namespace.listen())
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()
    for server in servers:
        server.check()
