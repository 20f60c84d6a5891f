"""What is found of templates when they are collected, before anything has run."""

from __future__ import annotations

import pytest
from a_brief import an_agent, refused_at_collection

from pytest_subagents.model.spec import Dependency
from pytest_subagents.prompt.instructions import check_templates

RAW = "text that is no template stands between {% raw %} and {% endraw %}"


def test_what_can_be_rendered_is_fine() -> None:
    check_templates(
        [
            an_agent(
                "{{ results.math.answer.whatever.it.says }}{{ results['a-b'].findings[0].x }}", needs=("math", "a-b")
            ),
            an_agent("{% set a = 1 %}{% for x in scope.read %}{{ loop.index + a }}{{ x | upper }}{% endfor %}", id="b"),
        ]
    )


@pytest.mark.parametrize(
    ("template", "needs", "what", "hint"),
    [
        ("{{ results.mth.summary }}", ("element", "math"), "'results.mth' is undefined",
         "did you mean 'results.math'? known: results.element, results.math"),
        ("{{ results['mth'] }}", ("math",), "'results.mth' is undefined", ("did you mean 'results.math'? "
         "known: results.math")),
        ("{{ results.other }}", ("math",), "'results.other' is undefined",
         "add 'other' to 'depends_on': only then it has run before"),
        ("{{ results.math }}", (), "'results.math' is undefined",
         "'results' holds what 'depends_on' names, and that names nothing"),
        ("{{ results.a-b }}", ("a-b",), "'results.a' is undefined", 'write results["a-b"]'),
        ("{{ results.a-b.summary }}", ("a-b", "a"), "'b' is undefined", 'write results["a-b"]'),
        ("{{ results.a/b.summary }}", ("a/b",), "'results.a' is undefined", 'write results["a/b"]'),
        ("{{ results.a-b.summary }}", (), "'results.a' is undefined", 'write results["a-b"]'),
        ("{{ results.a.b.summary }}", ("a.b",), "'results.a' is undefined", 'write results["a.b"]'),
        ("{{ results.a.js.summary }}", ("a.js", "a"), "'results.a.js' is undefined", 'write results["a.js"]'),
        ("{{ results.math.sumary }}", ("math",), "'results.math.sumary' is undefined",
         ("did you mean 'results.math.summary'? known: results.math.answer, results.math.findings, "
         "results.math.status, results.math.summary")),
        ("{{ resluts.math }}", ("math",), "'resluts' is undefined",
         f"did you mean 'results'? known: context, results, scope, subagent, workflow; {RAW}"),
        ("${{ secrets.KEY }}", (), "'secrets' is undefined",
         f"known: context, results, scope, subagent, workflow; {RAW}"),
        ("{{ scope.reads }}", (), "'scope.reads' is undefined",
         "did you mean 'scope.read'? known: scope.read, scope.write"),
        ("{% if false %}{{ nope }}{% endif %}", (), "'nope' is undefined",
         f"did you mean 'scope'? known: context, results, scope, subagent, workflow; {RAW}"),
        ("{% set results = 1 %}", (), "'results' is there already and cannot be set", "take another name"),
        ("{{ 1 is divisable(2) }}", (), "there is no test 'divisable'", None),
        ("{{ 'a' | uper }}", (), "there is no filter 'uper'", None),
        ("{% if false %}{{ 'a' | attr('x') }}{% endif %}", (), "there is no filter 'attr'", None),
        ("{{ results.items() }}", (), "'results.items(…)': a template calls nothing", None),
        ("{% include 'a' %}", (), "'{% include %}' cannot be used", None),
        ("{% macro m() %}{% endmacro %}", (), "'{% macro %}' cannot be used", None),
        ("{% if %}", (), "Expected an expression, got 'end of statement block'", None),
        ("{{ 'a }}", (), "unexpected char \"'\" at 4", None),
        ("{% for x in y %}", (), None, None),
    ],
)  # fmt: skip
def test_what_can_never_be_rendered_is_told(
    template: str, needs: tuple[str, ...], what: str | None, hint: str | None
) -> None:
    mistake = refused_at_collection(an_agent(f"\n{template}", needs=needs), an_agent(id="other"))
    assert mistake.where == "subagents.yaml:7 (agent 'fix', instructions, line 2)"
    assert mistake.exit_code == 2
    if what is not None:
        assert mistake.what == what
    if hint is not None:
        assert mistake.hint == hint


def test_an_unknown_filter_is_told_with_all_that_there_are() -> None:
    hint = refused_at_collection(an_agent("{{ 'a' | uper }}")).hint
    assert hint is not None
    assert hint.startswith("did you mean 'upper'? known: capitalize, count, ")
    assert hint.endswith(", truncate, unique, upper")


def test_of_several_agents_the_first_that_is_wrong_is_told() -> None:
    agents = [
        an_agent("{{ scope }}"),
        an_agent("plain", id="plain"),
        an_agent(id="second", task="{{ y }}", where="subagents.yaml:20"),
        an_agent("{{ z }}", id="third"),
    ]
    mistake = refused_at_collection(*agents)
    assert (mistake.where, mistake.what) == ("subagents.yaml:20 (agent 'second', task, line 1)", "'y' is undefined")


def test_a_checkpoint_of_a_subagent_is_a_result_of_it() -> None:
    check_templates([an_agent("{{ results.a }}", depends_on=(Dependency(agent="a", checkpoint="written"),))])


def test_hundreds_of_templates_cost_one_process() -> None:
    check_templates([an_agent("{{ results.math.summary }}", needs=("math",), id=f"a{number}") for number in range(300)])
