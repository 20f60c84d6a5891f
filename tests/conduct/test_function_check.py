"""A `function` is looked for before anything starts, and nothing of its module runs for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_subagents.conduct.function_check import function_fault

MODULE = """
raise SystemExit("this must not run")
import os
from elsewhere import taken as here
value = {}
if True:
    def inside(call): ...
try:
    later = lambda call: None
except OSError:
    pass
def plain(call):
    def hidden(): ...
async def waits(call): ...
class Made: ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pack/sub").mkdir(parents=True)
    for name in ("team.py", "pack/__init__.py", "pack/sub/deep.py"):
        (tmp_path / name).write_text(MODULE, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def :", encoding="utf-8")
    (tmp_path / "free.py").write_text("globals()['made'] = print\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "address",
    [
        *(f"team:{name}" for name in ("plain", "waits", "Made", "inside", "later", "here", "value", "os")),
        "pack:plain",
        "pack.sub.deep:plain",
        "free:made",
    ],
)
def test_what_may_be_there_passes(root: Path, address: str) -> None:
    assert function_fault(address, root, "here") is None


@pytest.mark.parametrize(
    ("address", "words", "hint"),
    [
        ("team:plian", "function: team.py has no 'plian'", "did you mean 'plain'?"),
        ("team:hidden", "function: team.py has no 'hidden'", None),
        ("team", "function: 'team' is no function", "the form is package.module:function"),
        ("../team:plain", "function: '../team:plain' is no function", None),
        (
            "pack.nowhere:x",
            "function: 'pack.nowhere:x' is not code of this repository: there is no pack/nowhere.py",
            None,
        ),
        ("broken:x", "function: 'broken:x' cannot be read: *", None),
    ],
)
def test_what_cannot_be_there_is_told(root: Path, address: str, words: str, hint: str | None) -> None:
    fault = function_fault(address, root, "here")
    assert fault is not None
    pytest.LineMatcher([fault.what]).fnmatch_lines([words])
    assert hint is None or fault.hint == hint
