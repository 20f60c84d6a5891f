"""Reading a workflow from text, as the tests of this folder need it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.spec import Workflow
from pytest_subagents.specify.workflow_file import read_workflow

VENDORS = ("claude", "codex", "gemini", "opencode")
CONTRACTS = ("result",)

Read: TypeAlias = Callable[..., Workflow]
Fault: TypeAlias = Callable[..., str]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str | bytes, name: str = "subagents.yaml") -> Workflow:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_workflow(path, rootdir=tmp_path, vendors=VENDORS, contracts=CONTRACTS)

    return read


@pytest.fixture
def fault(read: Read) -> Fault:
    def fault(text: str | bytes, name: str = "subagents.yaml") -> str:
        """The whole text of the error, after its exit code."""
        with pytest.raises(SubagentsError) as caught:
            read(text, name)
        return f"{caught.value.exit_code} {caught.value}"

    return fault
