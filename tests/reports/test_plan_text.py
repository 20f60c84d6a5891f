"""A plan as text, JSON and Mermaid: complete, in its width, and with nothing in it that a medium obeys."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan.workflows import a_workflow, an_agent, the_refactoring, workflows

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.plan import Facts, Plan
from pytest_subagents.model.spec import Execution, Workflow
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.plan_json import plan_json
from pytest_subagents.reports.plan_mermaid import plan_mermaid
from pytest_subagents.reports.plan_text import plan_lines

HOSTILE = 'x"]; click a0 "javascript:alert(1)\n::error::\x1b[31m|</b>`\u202e'


def text_of(plan: Plan, width: int = 100) -> str:
    return "\n".join(line.text for line in plan_lines(plan, width=width)) + "\n"


def test_the_refactoring_at_100_columns() -> None:
    facts = {"type-defs": Facts(runtime_ms=60_000), "auth-module": Facts(runtime_ms=180_000)}
    assert (
        text_of(plan_of(the_refactoring(), facts))
        == """\
team: 4 subagents in 3 waves, ~5m00s with -n 2, ~6m00s one after the other

Access
  subagent       takes  reads              writes
  type-defs      1m00s  –                  src/auth/types.ts
  auth-module    3m00s  src/auth/types.ts  src/auth/*.ts, tests/auth/*.ts
  user-service  ~1m00s  src/auth/types.ts  src/user/*.ts, tests/user/*.ts
  gateway-mw    ~1m00s  src/auth/token.ts  src/gateway/*.ts, tests/gateway/*.ts

Conflicts
  type-defs and auth-module both write src/auth/types.ts: they run one after the other
      give src/auth/types.ts to type-defs alone and narrow src/auth/*.ts of auth-module; or let
        depends_on say who comes first

Order
  auth-module   after type-defs    reads src/auth/types.ts
  user-service  after type-defs    reads src/auth/types.ts
  user-service  after auth-module  reads src/auth/types.ts
  gateway-mw    after auth-module  reads src/auth/token.ts

Waves
    1  type-defs
    2  auth-module
    3  user-service, gateway-mw

Critical path
  type-defs -> auth-module -> user-service, ~5m00s

Time by number of workers
  -n 1           ~6m00s  ########################################
  -n 2 to 32     ~5m00s  #################################  use -n 2

Advice
  type-defs, auth-module, user-service, gateway-mw: nothing checks what is written: add a success
    criterion with `run:`, or `verify`
  auth-module: it takes 60 % of the time of the whole: split it, and the whole is done sooner
"""
    )


def test_json_has_what_the_documentation_says() -> None:
    document = json.loads(plan_json(plan_of(the_refactoring())))
    assert document["waves"] == [["type-defs"], ["auth-module"], ["user-service", "gateway-mw"]]
    assert document["edges"][0] == {
        "from": "type-defs",
        "to": "auth-module",
        "cause": "reads",
        "witness": "src/auth/types.ts",
        "checkpoint": None,
    }
    assert document["conflicts"][0]["agents"] == ["type-defs", "auth-module"]
    assert document["conflicts"][0]["witness"] == "src/auth/types.ts"
    assert document["critical_path"] == ["type-defs", "auth-module", "user-service"]
    assert list(document["makespan"]) == [str(workers) for workers in range(1, 33)]
    assert document["makespan"]["2"] == 900_000


def test_mermaid() -> None:
    assert plan_mermaid(plan_of(a_workflow(an_agent("a", [], ["x|y"]), an_agent("b", ["x|y"])))) == (
        "flowchart LR\n"
        '  subgraph w1["wave 1"]\n'
        '    a0["a<br/>~5m00s"]\n'
        "  end\n"
        '  subgraph w2["wave 2"]\n'
        '    a1["b<br/>~5m00s"]\n'
        "  end\n"
        '  a0 -->|"reads x#124;y"| a1\n'
        "  classDef critical stroke-width:3px\n"
        "  class a0,a1 critical\n"
    )


def test_what_paths_and_names_say_is_obeyed_by_nothing() -> None:
    workflow = a_workflow(
        an_agent("a", [], [HOSTILE], resources=(HOSTILE,)), an_agent("b", [HOSTILE], [HOSTILE], resources=(HOSTILE,))
    )
    plan = plan_of(workflow)
    for text in (text_of(plan, 80), plan_json(plan), plan_mermaid(plan)):
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
        assert not re.search(r"^\s*::", text, re.MULTILINE)
    for label in re.findall(r'"(.*)"', plan_mermaid(plan)):
        assert not re.search(r'["`|\[\](){}]', label)
    assert json.loads(plan_json(plan))["access"][0]["write"] == [HOSTILE]


@given(workflows(), st.integers(60, 200))
def test_no_line_is_wider_than_asked_and_no_subagent_is_missing(workflow: Workflow, width: int) -> None:
    try:
        plan = plan_of(workflow)
    except BadUsage:
        return
    lines = plan_lines(plan, width=width)
    assert max(cells(line.text) for line in lines) <= width
    assert all(any(row.id in line.text for line in lines) for row in plan.access)
    assert json.loads(plan_json(plan))["workflow"] == "team"
    assert plan_mermaid(plan).count("<br/>") == len(plan.access)


@pytest.mark.parametrize("width", [80, 200])
def test_long_names_and_paths_stay_within_the_width(width: int) -> None:
    path = "packages/" + "very-long-name/" * 20 + "数据.py"
    agents = [an_agent("an-agent-with-a-name-" * 5 + str(number), [path], [path]) for number in range(3)]
    plan = plan_of(a_workflow(*agents, execution=Execution(max_concurrent_agents=2)))
    assert max(cells(line.text) for line in plan_lines(plan, width=width)) <= width


def test_large_plans_are_counted_not_listed() -> None:
    plan = plan_of(a_workflow(*(an_agent(f"a{number}", [], ["**"]) for number in range(200))))
    text = text_of(plan)
    assert len(text.splitlines()) < 300
    assert "and 150 more subagents; --json has all of them" in text
    assert "(19,899 more pairs have the same scopes)" in text
