"""Which gateways lead to another place, and what is told of them."""

from __future__ import annotations

import pytest

from pytest_subagents.glue.machines.gateways import is_elsewhere, options_in, plain_spec


@pytest.mark.parametrize(
    ("spec", "elsewhere"),
    [
        ("popen", False),
        ("2*popen", False),
        ("popen//python=python3.12//env:A=b", False),
        ("execmodel=main_thread_only//popen", False),
        ("popen//chdir=/there", True),
        ("3*popen//chdir=/there", True),
        ("popen//via=bridge", True),
        ("ssh=host", True),
        ("ssh=me@host//python=python3//chdir=/there", True),
        ("socket=127.0.0.1:8888", True),
    ],
)
def test_what_is_elsewhere(spec: str, elsewhere: bool) -> None:
    assert is_elsewhere(spec) is elsewhere


def test_a_place_is_told_as_it_was_given_but_for_the_values_of_variables() -> None:
    given = "execmodel=main_thread_only//ssh=host//env:TOKEN=s3cret//chdir=/there"
    assert plain_spec(given) == "ssh=host//chdir=/there"
    assert plain_spec("2*popen//env:A=b") == "2*popen"


def test_only_options_of_ours_are_taken_along() -> None:
    environ = {"SUBAGENTS": "1", "SUBAGENTS_MODE": "live", "SUBAGENTSX": "1", "OPENAI_API_KEY": "x", "PATH": "/bin"}
    assert options_in(environ) == {"SUBAGENTS": "1", "SUBAGENTS_MODE": "live"}
