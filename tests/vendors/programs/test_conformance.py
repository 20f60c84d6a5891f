"""Every vendor of ours holds to what is asked of the vendors of others, and the suite finds one that does not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from pytest_subagents.model.spec import Subagent, VendorSettings
from pytest_subagents.testing.conformance import VendorConformance
from pytest_subagents.vendors.programs.codex import Codex
from pytest_subagents.vendors.programs.interface import Launch, Parity, Program, Request


class TestCodex(VendorConformance):
    vendor = "codex"
    writing_words: ClassVar[tuple[str, ...]] = ("workspace-write",)


class TestClaude(VendorConformance):
    vendor = "claude"
    writing_words: ClassVar[tuple[str, ...]] = ("Edit(", "Write", '"Bash"')


class TestGemini(VendorConformance):
    vendor = "gemini"
    writing_words: ClassVar[tuple[str, ...]] = ("write_file", "run_shell_command")


class TestOpencode(VendorConformance):
    vendor = "opencode"
    writing_words: ClassVar[tuple[str, ...]] = ('"edit": "allow"', '"bash": "allow"')


class TestCommand(VendorConformance):
    vendor = "command"
    command: ClassVar[tuple[str, ...]] = (
        *("reviewer", "{prompt_file}", "{output_file}", "{schema_file}", "{workspace}", "{model}", "{session}"),
    )


class TestFilter(VendorConformance):
    """A command that reads the prompt from its standard input."""

    vendor = "command"
    command: ClassVar[tuple[str, ...]] = ("llm", "-m", "{model}", "--schema={schema_file}")


Spoil = Callable[[Launch, Request], Launch]


def spoilt(spoil: Spoil) -> type[Codex]:
    """Codex, whose every launch is spoilt."""

    class Spoilt(Codex):
        def launch(self, request: Request) -> Launch:
            return spoil(super().launch(request), request)

    return Spoilt


def saying(**attributes: object) -> type[Codex]:
    return type("Saying", (Codex,), attributes)


def granting(feature: str, honoured: str) -> type[Codex]:
    one = Parity(honoured=honoured, how="so it says")  # type: ignore[arg-type]
    return saying(parity={**Codex.parity, feature: one})


def refusing(words: Sequence[str]) -> type[Codex]:
    class Refusing(Codex):
        def refusals(self, subagent: Subagent, settings: VendorSettings) -> Sequence[str]:
            return words

    return Refusing


def more(*arguments: str) -> Spoil:
    return lambda launch, request: replace(launch, argv=(*launch.argv[:2], *arguments, *launch.argv[2:]))


def without(*words: str) -> Spoil:
    return lambda launch, request: replace(launch, argv=tuple(a for a in launch.argv if not any(w in a for w in words)))


def prompt_as(make: Callable[[str], tuple[str, ...]]) -> Spoil:
    return lambda launch, request: replace(launch, stdin=None, argv=(*launch.argv[:-2], *make(request.prompt)))


def variable(name: str, value: str) -> Spoil:
    return lambda launch, request: replace(launch, env={**launch.env, name: value})


def args_last(launch: Launch, request: Request) -> Launch:
    rest = (argument for argument in launch.argv if argument not in request.settings.args)
    return replace(launch, argv=(*rest, *request.settings.args))


_COUNT = itertools.count()

WRONG: Mapping[str, tuple[type[Codex], ...]] = {
    "test_it_says_who_it_is": (
        saying(vendor="codec"),
        saying(executable=""),
        saying(config_folder="/root/.codex"),
        saying(config_folder="../.codex"),
        saying(keys=("",)),
    ),
    "test_its_version_can_be_asked_where_an_oldest_is_known": (saying(version_arguments=None), saying(oldest=())),
    "test_parity_says_something_of_every_feature": (
        saying(parity={name: one for name, one in Codex.parity.items() if name != "cost"}),
        saying(parity={**Codex.parity, "speed": Parity(honoured="yes", how="fast")}),
        granting("cost", "perhaps"),
        saying(parity={**Codex.parity, "cost": Parity(honoured="no", how=" ")}),
        saying(parity={**Codex.parity, "cost": Parity(honoured="no", how="a\nb")}),
    ),
    "test_a_plain_specification_is_not_refused": (refusing(("cannot do that",)),),
    "test_the_same_request_gives_the_same_launch": (spoilt(lambda launch, _: more(f"{next(_COUNT)}")(launch, _)),),
    "test_the_system_can_start_it": (
        spoilt(lambda launch, _: replace(launch, argv=())),
        spoilt(more("a\0b")),
        spoilt(more("x" * 131_072)),
    ),
    "test_a_prompt_arrives_whole_and_is_no_option": (
        spoilt(lambda launch, _: replace(launch, stdin=None)),
        spoilt(prompt_as(lambda prompt: (prompt,))),
        spoilt(prompt_as(lambda prompt: ("-p", prompt))),
        spoilt(prompt_as(lambda prompt: ("--", prompt))),  # too long for an argument
        spoilt(prompt_as(lambda prompt: ("--", prompt[:1000]))),
    ),
    "test_no_secret_is_in_the_arguments": (
        spoilt(lambda launch, request: more(f"--key={request.environ['CODEX_API_KEY']}")(launch, request)),
        spoilt(lambda launch, request: more(request.config_text("auth.json") or "")(launch, request)),
    ),
    "test_every_file_is_below_the_private_home": (
        spoilt(lambda launch, request: replace(launch, files=((request.workspace / "AGENTS.md", ""),))),
        spoilt(lambda launch, request: replace(launch, files=((request.home / ".." / "x", ""),))),
        spoilt(lambda launch, request: replace(launch, stdin=Path("/etc/passwd"))),
        spoilt(lambda launch, request: replace(launch, answer_file=request.workspace / "answer")),
    ),
    "test_the_environment_leads_nowhere_outside": (
        spoilt(variable("HOME", "/root")),
        spoilt(variable("TMPDIR", "relative")),
        spoilt(variable("PATH", "/nonexistent/conformance/home")),
        spoilt(variable("CODEX_HOME", "/root/.codex")),
        spoilt(variable("A=B", "c")),
        spoilt(variable("", "c")),
    ),
    "test_a_reader_cannot_write": (
        spoilt(more("-s", "workspace-write")),
        spoilt(without("workspace-write")),
        spoilt(lambda launch, request: more("workspace-write")(launch, request) if "edit" in request.tools else launch),
    ),
    "test_the_workspace_is_where_it_works": (spoilt(more("-C", "/srv/elsewhere")),),
    "test_the_model_is_there_if_and_only_if_it_is_given": (
        spoilt(without("--model")),
        spoilt(more("--model=maker/model-7f3a")),
    ),
    "test_the_contract_is_handed_over_if_and_only_if_parity_says_so": (
        granting("contract", "no"),
        spoilt(lambda launch, request: replace(without("schema")(launch, request), files=())),
    ),
    "test_the_session_is_handed_over_if_parity_says_so": (granting("session id", "yes"),),
    "test_limits_are_handed_over_if_parity_says_so": (
        granting("limits.max_turns", "yes"),
        granting("limits.max_usd", "yes"),
    ),
    "test_web_and_subagents_are_off_until_asked_for": (spoilt(without("agents.enabled")),),
    "test_mcp_servers_are_handed_over_or_refused": (
        granting("mcp", "no"),
        refusing(("no servers",)),
        spoilt(without("mcp_servers")),
    ),
    "test_a_persons_arguments_arrive_in_their_order": (
        spoilt(without("second value")),
        spoilt(args_last),
        spoilt(lambda launch, request: replace(launch, argv=("codex", "--", *launch.argv[1:]))),
    ),
}  # fmt: skip
"""For each method of the suite, programs that it must find fault with."""


def suite_of(made: Program) -> VendorConformance:
    class Suite(VendorConformance):
        vendor = "codex"
        writing_words: ClassVar[tuple[str, ...]] = ("workspace-write",)

        @property
        def program(self) -> Program:
            return made

    return Suite()


def methods() -> list[str]:
    return [name for name in dir(VendorConformance) if name.startswith("test_")]


@pytest.mark.parametrize(
    ("method", "wrong"), [(method, wrong) for method, several in WRONG.items() for wrong in several]
)
def test_a_wrong_program_fails_where_it_is_wrong(method: str, wrong: type[Codex]) -> None:
    with pytest.raises(AssertionError):
        getattr(suite_of(wrong()), method)()


def test_a_launch_that_writes_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def writes(launch: Launch, request: Request) -> Launch:
        request.workspace.mkdir(parents=True)
        return launch

    monkeypatch.setattr("pytest_subagents.testing.conformance._ROOT", tmp_path / "absent")
    with pytest.raises(AssertionError, match="wrote to the disk"):
        suite_of(spoilt(writes)()).test_a_launch_writes_nothing()


def test_there_is_a_wrong_program_for_every_method() -> None:
    assert set(methods()) - {"test_a_launch_writes_nothing"} == set(WRONG)


@pytest.mark.parametrize("method", methods())
def test_the_suite_needs_no_pytest_and_the_right_program_passes(method: str) -> None:
    getattr(suite_of(Codex()), method)()


def test_a_suite_without_writing_words_says_what_is_missing() -> None:
    class Forgetful(VendorConformance):
        vendor = "codex"

    with pytest.raises(AssertionError, match="writing_words"):
        Forgetful().test_a_reader_cannot_write()
