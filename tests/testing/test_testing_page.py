"""Every example of docs/testing.md runs as it stands there, and the page names what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from pytest_subagents.testing.damage import Way
from pytest_subagents.testing.steps import Step
from pytest_subagents.testing.transcripts import DIALECTS

PAGE = (Path(__file__).parents[2] / "docs/testing.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL))

pytest_plugins = ["pytester"]


def test_every_block_of_python_is_an_example() -> None:
    assert len(EXAMPLES) == PAGE.count("```python") == 5


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_passes(pytester: pytest.Pytester, name: str) -> None:
    (pytester.path / name).write_text(EXAMPLES[name], encoding="utf-8")
    (pytester.path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    result = pytester.runpytest_subprocess("--subagents", "-p", "no:cacheprovider", name)
    result.assert_outcomes(passed=EXAMPLES[name].count("\ndef test_"))


def test_every_step_every_dialect_and_every_way_is_named() -> None:
    for step in get_args(Step):
        assert f"`{step.__name__}(" in PAGE, step
    for word in (*DIALECTS, *get_args(Way)):
        assert f"`{word}`" in PAGE, word
