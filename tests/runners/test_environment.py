"""What an agent's process finds in its environment, and what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.runners.environment import AgentEnvironment, environment_of, let_through
from pytest_subagents.runners.private_home import PrivateHome

HOME = PrivateHome(home=Path("/run/home"), temporary=Path("/run/tmp"), config=Path("/run/home/.claude"))
PRIVATE = {
    "HOME": "/run/home",
    "TMPDIR": "/run/tmp",
    "XDG_CONFIG_HOME": "/run/home/.config",
    "XDG_DATA_HOME": "/run/home/.local/share",
    "XDG_STATE_HOME": "/run/home/.local/state",
    "XDG_CACHE_HOME": "/run/home/.cache",
}


def made(environ: dict[str, str], *allowed: str, **own: str) -> AgentEnvironment:
    return environment_of(environ, allowed, own, HOME)


def test_nothing_passes_but_what_a_program_needs_to_start() -> None:
    kept = {"PATH": "/usr/bin:/bin", "LANG": "de_DE.UTF-8", "LC_ALL": "C", "LC_TIME": "C", "TZ": "Europe/Berlin"}
    ours = dict.fromkeys(PRIVATE, "/root/ours") | {"TERM": "xterm"}
    names = "AWS_SECRET_ACCESS_KEY HTTPS_PROXY PYTHONPATH LD_PRELOAD CLAUDE_CONFIG_DIR NODE_OPTIONS GIT_DIR LCX USER"
    found = made({**kept, **ours, **dict.fromkeys(names.split(), "no")})
    assert found.variables == {**kept, "TERM": "dumb", **PRIVATE}


def test_a_name_that_is_allowed_passes_and_its_value_can_be_redacted() -> None:
    found = made(
        {"A_KEY": "0123456789", "B_KEY": "01234567890", "HTTPS_PROXY": "http://proxy"}, "A_KEY", "HTTPS_PROXY", "B_KEY"
    )
    assert found.variables["HTTPS_PROXY"] == "http://proxy"
    assert found.secrets == ("http://proxy", "01234567890", "0123456789")  # the longest first: one may hold another
    assert (found.missing, found.hints) == ((), ())


def test_a_name_that_is_not_set_is_told() -> None:
    found = made({}, "A_KEY", "A_KEY")
    assert found.missing == ("A_KEY",)
    assert found.hints == ("A_KEY is named under `env`, but it is not set",)
    assert "A_KEY" not in found.variables


def test_a_value_that_cannot_be_redacted_is_told_and_passes() -> None:
    found = made({"SHORT": "1234567", "EMPTY": ""}, "SHORT", "EMPTY")
    assert found.secrets == ()
    assert found.variables["SHORT"] == "1234567"
    assert found.hints == (
        "SHORT has fewer than 8 characters; it is not cut out of recordings",
        "EMPTY is set, but empty",
    )
    assert not any("1234567" in hint for hint in found.hints)


def test_the_vendors_own_variables_win() -> None:
    found = made({"CLAUDE_CONFIG_DIR": "/root/.claude"}, "CLAUDE_CONFIG_DIR", CLAUDE_CONFIG_DIR="/run/home/.claude")
    assert found.variables["CLAUDE_CONFIG_DIR"] == "/run/home/.claude"


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_private_folders_cannot_be_named_away(name: str) -> None:
    with pytest.raises(BadUsage, match=rf"^subagents\.yaml:3: {name} is private"):
        let_through({name: "/root"}, ["A", name], where="subagents.yaml:3")


def test_path_leads_nowhere_into_the_workspace() -> None:
    assert made({"PATH": ".:/usr/bin::bin:/bin:"}).variables["PATH"] == "/usr/bin:/bin"
    assert made({"PATH": "."}).variables["PATH"] == os.defpath
    assert made({}).variables["PATH"] == os.defpath


NAMES = st.text("ABCXDG_HOMELTPZ", min_size=1, max_size=8)


@given(environ=st.dictionaries(NAMES, st.text("abc/:", max_size=12)), allowed=st.lists(NAMES, max_size=4))
def test_no_other_variable_ever_passes(environ: dict[str, str], allowed: list[str]) -> None:
    if set(allowed) & set(PRIVATE):
        return
    found = environment_of(environ, allowed, {}, HOME)
    own = {"PATH", "TERM", "LANG", "LANGUAGE", "TZ", *PRIVATE}
    for name, value in found.variables.items():
        if name not in own and not name.startswith("LC_"):
            assert name in allowed
            assert environ[name] == value
    assert set(found.missing) == set(allowed) - set(environ)


def test_a_program_starts_with_it_and_sees_no_more() -> None:
    found = made({**os.environ, "OTHER_SERVICE_KEY": "must-not-leak"}, "A_KEY")
    code = "import os, sys; sys.stdout.write('\\n'.join(os.environ))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(found.variables), capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) - {"LC_CTYPE"} == set(found.variables) - {"LC_CTYPE"}
    assert "OTHER_SERVICE_KEY" not in done.stdout
