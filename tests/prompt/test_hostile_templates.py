"""Templates that are meant to escape, to hang or to fill the memory (`INDEX.tsv` of the hostile payloads)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from a_brief import a_brief, an_agent, refused

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.prompt.faults import TemplateFault
from pytest_subagents.prompt.instructions import check_templates, told

HOSTILE = Path(__file__).parents[1] / "data" / "hostile" / "jinja"

WHAT = {
    "debug-ext": "Encountered unknown tag 'debug'.",
    "dos-center": "there is no filter 'center'",
    "dos-deep-blocks": "it is nested too deeply",
    "dos-deep-parens": "it is nested too deeply",
    "dos-format-width": "'%' is for numbers only",
    "dos-indent": "'*' is for numbers only",
    "dos-join": "'*' is for numbers only",
    "dos-ljust": "a template calls nothing",
    "dos-power": "the result of '**' is too large",
    "dos-range": "'range(…)': a template calls nothing",
    "dos-range-nested": "'range(…)': a template calls nothing",
    "dos-regex-urlize": "there is no filter 'urlize'",
    "dos-replace": "there is no filter 'replace'",
    "dos-string-10g": "'*' is for numbers only",
    "dos-wordwrap": "there is no filter 'wordwrap'",
    "escape-attr-filter": "there is no filter 'attr'",
    "escape-context-private": "'_self' is undefined",
    "escape-format-map": "a template calls nothing",
    "escape-formatmap": "a template calls nothing",
    "escape-globals-popen": "a template calls nothing",
    "escape-lipsum": "a template calls nothing",
    "escape-map-attribute": "'obj' is undefined",
    "escape-percent": "'obj' is undefined",
    "escape-sort-attr": "'obj' is undefined",
    "escape-xmlattr": "there is no filter 'xmlattr'",
    "import-traversal": "'{% import %}' cannot be used",
    "method-call": "'obj.delete(…)': a template calls nothing",
    "mutate-dict": "'results.math.update(…)': a template calls nothing",
    "mutate-pop": "'results.pop(…)': a template calls nothing",
    "undefined-swallow": "'results.maht' is undefined",
}
AT_RENDERING = {"dos-format-width", "dos-indent", "dos-join", "dos-power", "dos-string-10g"}
"""What computes is found when it computes: until then nothing is computed at all."""

LETTERS = "{% set s = '" + "x" * 1_000 + "' %}"
CAPPED = {
    "loops": (f"{LETTERS}{'{% for a in s %}' * 4}{'{% endfor %}' * 4}", "it takes more than 2 seconds of CPU time"),
    "doubling": (LETTERS + "{% set s = s ~ s %}" * 22, "it needs more than 256 MB of memory"),
    "doubling lists": ("{% set s = [1] %}" + "{% set s = s + s %}" * 30, "it needs more than 256 MB of memory"),
    "joins": (LETTERS + "{% set s = s | join(s) %}" * 3, None),
    "output": (LETTERS + "{% for a in s %}{{ s }}" * 2 + "{% endfor %}" * 2, "its text has more than 4,194,304 bytes"),
    "long number": ("{% set n = 9 %}" + "{% set n = n * n %}" * 20 + "{{ n }}", None),
    "digits": ("{{ 1" + "0" * 5_000 + " }}", None),
    "power of a float": ("{{ 1e300 ** 0.2 * 1e300 ** 2.0 }}", None),
    "deep lists": ("{{ " + "[" * 5_000 + "]" * 5_000 + " }}", "it is nested too deeply"),
    "deep sums": ("{{ 1" + "+1" * 20_000 + " }}", None),
    "deep attributes": ("{{ results.math.answer" + ".a" * 20_000 + " }}", None),
    "long name": ("{{ " + "a" * 1_000_000 + " }}", None),
    "many tags": ("{% set a = 'b' %}" * 200_000, "it takes more than 2 seconds of CPU time"),
    "infinity": ("{{ 1e999 }}", None),
    "self": ("{{ self._TemplateReference__context }}", "'self' is undefined"),
    "class": ("{{ ''.__class__ }}", "'__class__' is undefined: a text has no such part"),
    "class by item": ("{{ results['__class__'] }}", 'results.__class__'),
    "class by map": ("{{ [scope] | map(attribute='__class__.__mro__') | list }}", None),
    "class by loop": ("{% for x in 'a' %}{{ loop.__class__ }}{% endfor %}", "'__class__' is undefined"),
    "loop itself": ("{% for x in 'a' %}{{ loop }}{% endfor %}", None),
    "loop called": ("{% for x in 'a' recursive %}{{ loop('ab') }}{% endfor %}", "'loop(…)': a template calls nothing"),
    "block": ("{% block b %}{{ self.b }}{% endblock %}", "'{% block %}' cannot be used"),
    "autoescape": ("{% autoescape true %}a{% endautoescape %}", "'{% autoescape %}' cannot be used"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WHAT))
def test_a_hostile_template_is_a_bad_file(name: str) -> None:
    text = (HOSTILE / f"{name}.j2").read_text(encoding="utf-8")
    at_rendering = refused(text)
    assert at_rendering.what == WHAT[name]
    assert at_rendering.where.startswith("subagents.yaml:7 (agent 'fix', instructions")
    agent = an_agent(text, needs=("math",))
    if name in AT_RENDERING:
        check_templates([agent])
        return
    with pytest.raises(BadFile) as caught:
        check_templates([agent])
    assert caught.value.what == WHAT[name]


def test_every_payload_has_its_row() -> None:
    assert {path.stem for path in HOSTILE.iterdir()} == set(WHAT)


@pytest.mark.parametrize("name", sorted(CAPPED))
def test_what_gets_through_the_sandbox_is_capped(name: str) -> None:
    text, what = CAPPED[name]
    mistake = refused(text)
    assert what is None or what in mistake.what
    assert len(str(mistake)) < 2_100


def test_what_is_never_reached_is_never_computed() -> None:
    template = "{% if false %}{{ 10 ** (10 ** 9) }}{{ 'x' * 10 ** 10 }}{% endif %}ok"
    check_templates([an_agent(template)])
    assert told(a_brief(template)).instructions == "ok"


def test_the_memory_is_bounded() -> None:
    """In a process of its own, whose children are these alone."""
    code = (
        "import resource, sys\n"
        "from a_brief import refused\n"
        "from test_hostile_templates import CAPPED, HOSTILE\n"
        "for name in ('doubling', 'doubling lists', 'joins', 'output'): refused(CAPPED[name][0])\n"
        "for name in ('dos-join', 'dos-indent', 'dos-string-10g'): refused((HOSTILE / f'{name}.j2').read_text())\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == 'darwin' else 1024))\n"
    )
    folders = f"import sys; sys.path += {[str(Path(__file__).parent), str(Path(__file__).parents[1])]!r}\n"
    done = subprocess.run([sys.executable, "-c", folders + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < limits.TEMPLATE_MEMORY_BYTES + 128 * 1024 * 1024


def test_a_fault_carries_its_words() -> None:
    fault = TemplateFault(3, "what", "hint")
    assert (fault.line, fault.what, fault.hint, fault.job) == (3, "what", "hint", 0)
