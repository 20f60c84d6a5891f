"""`expect.yaml` and `contract.map.yaml`: the small files beside transcripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_subagents.errors import BadFile
from pytest_subagents.model.spec import Expectation, FieldMap
from pytest_subagents.specify.contract_map import Beside, read_map
from pytest_subagents.specify.expectations import read_expectations

HOSTILE = Path(__file__).parents[1] / "data/hostile/yaml"
STATUSES = "failed, not_run, partial, success"


def test_expectations_by_stem(tmp_path: Path) -> None:
    path = tmp_path / "expect.yaml"
    path.write_text(
        "bad: failed\n'0042':\n  status: failed\n  kind: not_json\nno: {status: success, changes: [a.py]}\n"
    )
    expectations = read_expectations(path, tmp_path)
    assert list(expectations.items()) == [
        ("bad", Expectation(status="failed")),
        ("0042", Expectation(status="failed", kind="not_json")),
        ("no", Expectation(status="success", changes=("a.py",))),
    ]
    path.write_text("# nothing yet\n")
    assert read_expectations(path, tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "expect.yaml:1: it must be a map, not a list"),
        ("a: fail\n", f"expect.yaml:1: 'a' 'fail' is not known\n  hint: did you mean 'failed'? use one of: {STATUSES}"),
        ("\na: {kind: x}\n", "expect.yaml:2: 'a.kind' 'x' is not known"),
        ("a: {kind: contract}\n", "expect.yaml:1: the key 'status' is missing in 'a'"),
        (
            "a: {status: failed, line: 3}\n",
            "expect.yaml:1: unknown key 'line' in 'a'\n  hint: use one of: changes, kind, status",
        ),
        ("a: failed\nb: failed\na: success\n", "expect.yaml:3: the key 'a' is given twice, first on line 1"),
        ("a:\n", "expect.yaml:1: 'a' must be a status, or a map of status, kind, changes, not nothing"),
    ],
)
def test_expectations_that_are_not_good(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "expect.yaml"
    path.write_text(text)
    with pytest.raises(BadFile) as caught:
        read_expectations(path, tmp_path)
    assert str(caught.value).startswith(message)


def test_a_map(tmp_path: Path) -> None:
    path = tmp_path / "contract.map.yaml"
    path.write_text(
        "status: /verdict\nsuccess: [approve]\npartial: [needs-attention]\nfindings: /issues\n"
        "severity: /level\nfile: /path\nline: /range/start\ntitle: /message\ndetail: null\n"
    )
    fields = FieldMap(
        status="/verdict",
        success=("approve",),
        partial=("needs-attention",),
        findings="/issues",
        severity="/level",
        file="/path",
        line="/range/start",
        title="/message",
        detail=None,
    )
    assert read_map(path, tmp_path) == Beside(map=fields)
    path.write_text("map:\n" + "".join(f"  {line}\n" for line in path.read_text().splitlines()) + "extract: fenced\n")
    assert read_map(path, tmp_path) == Beside(map=fields, extract="fenced")
    path.write_text("extract: fenced\n")
    assert read_map(path, tmp_path) == Beside(extract="fenced")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "contract.map.yaml: is empty\n  hint: it maps the contract's fields, such as 'status: /verdict'"),
        ("status: verdict", "contract.map.yaml:1: 'status' 'verdict' is no JSON Pointer; it must begin with '/'"),
        ("statuss: /x", "contract.map.yaml:1: unknown key 'statuss'\n  hint: did you mean 'status'?"),
        ("success: [[a]]", "contract.map.yaml:1: 'success[0]' must be a single value, not a list"),
        ("extract: loose", "contract.map.yaml:1: 'extract' "),
        ("extract: fenced\nstatus: /x", "contract.map.yaml:2: unknown key 'status'\n  hint: use one of: extract, map"),
        ("[]", "contract.map.yaml:1: it must be a map of detail, failed, file,"),
    ],
)
def test_maps_that_are_not_good(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "contract.map.yaml"
    path.write_text(text)
    with pytest.raises(BadFile) as caught:
        read_map(path, tmp_path)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("path", sorted(HOSTILE.iterdir()), ids=lambda path: path.name)
def test_hostile_files_are_refused_here_too(path: Path) -> None:
    for read in (read_expectations, read_map):
        with pytest.raises(BadFile):
            read(path, path.parent)
