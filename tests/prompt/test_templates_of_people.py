"""What a template can say, and what it comes to."""

from __future__ import annotations

import json

import pytest
from a_brief import a_brief, a_needed, an_agent, refused, rendered
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_subagents.prompt.brief import Brief, ContextFile, Needed
from pytest_subagents.prompt.instructions import check_templates, is_template, told
from pytest_subagents.prompt.names import NAMES, RESULT

SYNTAX = st.sampled_from(["{{", "}}", "{%", "%}", "{#", "#}", "{{ results }}", "{% raw %}", "{% for x in y %}", "\n"])


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ results.math.summary }}", "Two gaps."),
        ('{{ results["math"]["summary"] }}', "Two gaps."),
        ("{{ results.math.answer.issues[0].title | upper }}", "OVERFLOW"),
        ("{{ results.math.answer.issues }}", '[{"title": "overflow", "weight": 3}]'),
        ("{{ results.math.answer.note }}, {{ true }}, {{ 1.5 }}, {{ 3 }}", "null, true, 1.5, 3"),
        ("{% for f in results.math.findings %}{{ loop.index }}. {{ f.title }}\n{% endfor %}", "1. No test\n2. Long\n"),
        ("{{ results.math.findings | map(attribute='file') | join(', ') }}", "src/a.ts, src/b.ts"),
        ("{{ results.math.findings | selectattr('severity', '==', 'high') | list | length }}", "1"),
        ("{{ results.math.findings | join('; ', attribute='line') }}", "3; null"),
        ("{% for id, result in results | items %}{{ id }}: {{ result.status }}{% endfor %}", "math: success"),
        ("{% for id in results %}{{ results[id].summary }}{% endfor %}", "Two gaps."),
        ("{{ results.math.answer.other | default('none') }}", "none"),
        ("{% if results.math.answer.other is defined %}a{% else %}b{% endif %}", "b"),
        ("{{ results.math.summary[:3] }}", "Two"),
        ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
        ("{{ {'a': 'é'} | tojson }}", '{"a": "é"}'),
        (
            "{{ scope.read | join }} {{ scope.write }} {{ subagent.id }} {{ workflow.name }}",
            'src/ ["src/**"] fix review',
        ),
        ("{% set n = 2 %}{{ n * 3 }} {{ 2 ** 10 }} {{ 7 % 4 }}", "6 1024 3"),
        ("<b> & '{{ '<i>' }}'", "<b> & '<i>'"),
        ("{% raw %}{{ x }}{% endraw %}{# gone #}\n", "{{ x }}\n"),
    ],
)
def test_a_template_renders(template: str, text: str) -> None:
    assert rendered(template) == text


def test_context_can_be_named() -> None:
    files = (ContextFile(path="docs/a.md", text="A"),)
    brief = a_brief("{{ context.files | join }} {{ context.text }}", context_files=files, context_text="Be terse.")
    assert told(brief).instructions == "docs/a.md Be terse."


def test_the_task_is_a_template_too() -> None:
    brief = a_brief("Plain.", agent={"task": "Review {{ subagent.id }}"})
    assert (told(brief).task, told(brief).instructions) == ("Review fix", "Plain.")


@pytest.mark.parametrize("id", ["a-b", "a/b", "a.b", "1", "größe-2"])
def test_an_id_that_is_no_name_stands_in_brackets(id: str) -> None:
    assert rendered(f'{{{{ results["{id}"].summary }}}}', a_needed(id)) == "Two gaps."


@pytest.mark.parametrize("id", ["items", "keys", "get", "update", "pop", "copy", "for", "if"])
def test_an_agent_may_be_called_like_a_method(id: str) -> None:
    assert rendered(f"{{{{ results.{id}.summary }}}}", a_needed(id)) == "Two gaps."


def test_the_names_of_the_table_are_those_that_are_there() -> None:
    values = a_brief("x", a_needed()).values()
    assert {name: set(keys) for name, keys in NAMES.items() if name != "results"} == {
        name: set(value) for name, value in values.items() if name != "results" and isinstance(value, dict)
    }
    assert set(RESULT) == set(a_needed().plain())


@pytest.mark.parametrize(
    ("template", "line", "what", "hint"),
    [
        ("\n\n{{ results.math.answer.isues }}", 3, "'results.math.answer.isues' is undefined",
         ("did you mean 'results.math.answer.issues'? known: results.math.answer.issues, results.math.answer.note, "
         "results.math.answer.status")),
        ("{{ results.math.answer.issues[0].titel }}", 1, "'results.math.answer.issues[0].titel' is undefined",
         ("did you mean 'results.math.answer.issues[0].title'? known: results.math.answer.issues[0].title, "
         "results.math.answer.issues[0].weight")),
        ("{% for f in results.math.findings %}\n{{ f.titel }}{% endfor %}", 2,
         "'results.math.findings[0].titel' is undefined", "did you mean 'results.math.findings[0].title'? known: "
         + ", ".join(f"results.math.findings[0].{key}" for key in ("detail", "file", "line", "severity", "title"))),
        ("{{ results.math.answer.note.x }}", 1, "'x' is undefined: nothing (null) has no such part", None),
        ("{{ results.math.summary.x }}", 1, "'x' is undefined: a text has no such part", None),
        ("{{ results.math.answer.nothing.below }}", 1, "'results.math.answer.nothing' is undefined",
         "known: results.math.answer.issues, results.math.answer.note, results.math.answer.status"),
        ("{{ results.math.answer.issues[7] }}", 1, "there is no item 7: it has 1, counted from 0", None),
        ("{{ [] | first }}", 1, "No first item, sequence was empty.", None),
        ("{{ results.math.findings | map('upper') }}", 1,
         "this is no text, number, list or map: put '| list' or '| join' behind it", None),
        ("{{ 1 / 0 }}", 1, "it divides by zero", None),
        ("{{ 1 + 'a' }}", 1, ("its values do not fit together: "
         "unsupported operand type(s) for +: 'int' and 'str'"), None),
        ("{{ 'a' | indent(41) }}", 1, "an indentation has 0 to 40 blanks", None),
        ("{{ {} | tojson(indent=1000000) }}", 1, "an indentation has 0 to 40 blanks", None),
        ("{{ 3 ** 3000 }}", 1, "the result of '**' is too large", None),
        ("{{ 'x' * 3 }}", 1, "'*' is for numbers only", None),
        ("{{ loop }}", 1, "'loop' is undefined", ("known: context, results, scope, subagent, workflow; "
         "text that is no template stands between {% raw %} and {% endraw %}")),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(template: str, line: int, what: str, hint: str | None) -> None:
    mistake = refused(template)
    assert (mistake.where, mistake.what, mistake.hint) == (
        f"subagents.yaml:7 (agent 'fix', instructions, line {line})", what, hint,
    )  # fmt: skip


@given(text=st.text())
def test_text_without_template_syntax_passes_unchanged(text: str) -> None:
    if not is_template(text):
        assert told(a_brief(text)).instructions == text


@given(texts=st.lists(st.lists(st.one_of(SYNTAX, st.text(max_size=5)), max_size=6).map("".join), min_size=1))
@settings(max_examples=15)
def test_what_an_agent_wrote_comes_out_as_text(texts: list[str]) -> None:
    """It is rendered once: braces in an answer are braces."""
    needed = a_needed(summary=texts[0], answer={"texts": list[object](texts)})
    out = rendered("{{ results.math.summary }}\0{{ results.math.answer.texts | tojson }}", needed)
    summary, _, answers = out.rpartition("\0")
    assert (summary, json.loads(answers)) == (texts[0], texts)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ results.math.summary }}", "(not known yet: the summary of 'math' stands here)"),
        ("{{ results.math.answer.a[0].b }}", "(results.math.answer.a[0].b stands here)"),
        ("{{ results.math.answer | tojson }}", '"(results.math.answer stands here)"'),
        ("{{ results.math.findings | length }}", "1"),
        (
            "{% for f in results.math.findings | sort(attribute='line') %}{{ loop.index }}. {{ f.title }}{% endfor %}",
            "1. (results.math.findings[0].title stands here)",
        ),
        (
            "{% for key, value in results.math.answer | items %}{{ key }}: {{ value }}{% endfor %}",
            '…: (results.math.answer["…"] stands here)',
        ),
        ("{{ results.math.answer.a | default('none') }}", "(results.math.answer.a stands here)"),
    ],
)
def test_what_is_not_known_yet_is_a_placeholder(template: str, text: str) -> None:
    assert rendered(template, Needed.placeholder("math")) == text


def test_nothing_is_started_where_nothing_is_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("subprocess.Popen", start)
    check_templates([an_agent("Use {braces} and 100 %.")] * 3)
    assert told(a_brief("Plain text.")).instructions == "Plain text."


def test_equal_briefs_render_alike() -> None:
    brief: Brief = a_brief("{{ results }} {{ scope }}", a_needed(), a_needed("b"))
    assert told(brief) == told(brief)
