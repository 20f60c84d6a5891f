"""What every vendor's program must hold to, as tests of its own for whoever adds one.

    from pytest_subagents.testing.conformance import VendorConformance

    class TestReviewbot(VendorConformance):
        vendor = "reviewbot"
        writing_words = ("--allow-writes",)

pytest finds the inherited methods; without pytest each can be called by itself. Nothing is started or written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Limits, McpServer, Subagent, Tool, VendorSettings
from pytest_subagents.vendors.programs.interface import FEATURES, Launch, Program, Request
from pytest_subagents.vendors.programs.registry import program as registered

ARGUMENT_BYTES: Final = 131_071
"""The longest argument that Linux starts a program with (MAX_ARG_STRLEN, less its end)."""
PROMPTS: Final = (
    "Review the repository.",
    "--help",
    "-",
    "--\n-x",
    "/init\nnow",
    "@README.md and !ls",
    "two\nlines\r\n\ttab  and an end \n",
    "'single' \"double\" `back` $HOME \\ {braces} {prompt_file} %s",
    "ünïcødé \U0001f600 \u2028 \u0000"[:-1],
    "long " * 40_000,
)
"""Prompts that are easily lost, cut, or taken for something else; the last has 200 kB."""
_ROOT: Final = Path("/nonexistent/conformance")
_SECRET: Final = "cOnf0rmance-5ecret"
_MODEL: Final = "maker/model-7f3a"
_SCHEMA: Final[JsonValue] = {
    "type": "object",
    "properties": {"verdict_9c1": {"type": "string"}},
    "required": ["verdict_9c1"],
    "additionalProperties": False,
}
_READER: Final[frozenset[Tool]] = frozenset(("read", "search"))
_WRITER: Final[frozenset[Tool]] = frozenset(("read", "search", "edit", "shell"))
_NOT_ITS_OWN: Final = frozenset({"PATH", "LANG", "LC_ALL", "USER", "LOGNAME", "LD_PRELOAD", "LD_LIBRARY_PATH", "IFS"})


class VendorConformance:
    """Set `vendor` to the registered name, and `writing_words` to what a writer's launch has and no reader's may."""

    vendor: ClassVar[str]
    writing_words: ClassVar[tuple[str, ...]] = ()
    """Text of the command line, the environment or the files that lets an agent write; each must be in a writer's
    launch. Empty where `parity` says that reading only cannot be had."""
    command: ClassVar[tuple[str, ...]] = ()
    """The `command` of the subagent, for a program that wants one."""

    @property
    def program(self) -> Program:
        return registered(self.vendor)

    def test_it_says_who_it_is(self) -> None:
        found = self.program
        assert found.vendor == self.vendor, f"it calls itself {found.vendor!r}, and is registered as {self.vendor!r}"
        assert found.executable != "", "'executable' is empty; None means that the specification names it"
        folder = Path(found.config_folder)
        assert not folder.is_absolute(), "'config_folder' lies below the private HOME"
        assert ".." not in folder.parts, "'config_folder' leaves the private HOME"
        assert all(isinstance(key, str) and key for key in found.keys), "'keys' are names of variables"

    def test_its_version_can_be_asked_where_an_oldest_is_known(self) -> None:
        found = self.program
        if found.oldest is not None:
            assert found.version_arguments is not None, "'oldest' cannot be checked without 'version_arguments'"
            assert found.oldest, "'oldest' is empty; None means that there is none"

    def test_parity_says_something_of_every_feature(self) -> None:
        parity = self.program.parity
        assert set(parity) == set(FEATURES), f"'parity' and FEATURES differ: {sorted(set(parity) ^ set(FEATURES))}"
        for feature, one in parity.items():
            assert one.honoured in ("yes", "partly", "no"), f"{feature}: {one.honoured!r} is not yes, partly or no"
            assert one.how.strip(), f"{feature}: 'how' is empty"
            assert "\n" not in one.how, f"{feature}: 'how' is one line"

    def test_a_plain_specification_is_not_refused(self) -> None:
        for writes in (False, True):
            request = self._request(writes=writes)
            found = tuple(self.program.refusals(request.subagent, request.settings))
            assert not found, f"refused without need: {found}"

    def test_the_same_request_gives_the_same_launch(self) -> None:
        again = type(self.program)()
        for writes in (False, True):
            request = self._request(writes=writes)
            assert self.program.launch(request) == again.launch(request), "two launches of one request differ"

    def test_a_launch_writes_nothing(self) -> None:
        self.program.launch(self._request(writes=True))
        assert not _ROOT.exists(), "'launch' wrote to the disk; give 'files' instead"

    def test_the_system_can_start_it(self) -> None:
        for request in (self._request(), self._request(writes=True, model=_MODEL, schema=_SCHEMA)):
            launch = self.program.launch(request)
            assert "".join(launch.argv[:1]), "there is no program to start"
            _starts(launch)

    def test_a_prompt_arrives_whole_and_is_no_option(self) -> None:
        for prompt in PROMPTS:
            request = replace(self._request(), prompt=prompt)
            launch = self.program.launch(request)
            _starts(launch)
            ways = tuple(_ways_of(prompt, launch, request))
            assert ways, f"the prompt {prompt[:30]!r} arrives nowhere"
            assert "option" not in ways, f"the prompt {prompt[:30]!r} is an argument of its own, with no '--' before it"

    def test_no_secret_is_in_the_arguments(self) -> None:
        for request in (self._request(), self._request(writes=True, mcp=True)):
            launch = self.program.launch(request)
            assert not any(_SECRET in part for part in launch.argv), "every user of the machine can read arguments"

    def test_every_file_is_below_the_private_home(self) -> None:
        for request in (self._request(), self._request(writes=True, model=_MODEL, schema=_SCHEMA)):
            launch = self.program.launch(request)
            for path, _ in launch.files:
                assert _is_below(path, (request.home, request.temporary)), f"{path} is not below the private home"
            written = {path for path, _ in launch.files}
            known = {None, request.prompt_file, request.schema_file, request.output_file, *written}
            assert launch.stdin in known, f"{launch.stdin}, the standard input, is no file of the run's"
            assert launch.answer_file in known, f"{launch.answer_file}, the answer, is no file of the run's"

    def test_the_environment_leads_nowhere_outside(self) -> None:
        for writes in (False, True):
            request = self._request(writes=writes)
            for name, value in self.program.launch(request).env.items():
                assert name, "a variable has no name"
                assert not {"=", "\0"} & {*name, *value.replace("=", "")}, f"{name!r} is no variable"
                assert name not in _NOT_ITS_OWN, f"{name} is not the program's to set"
                if name in ("HOME", "TMPDIR") or value.startswith("/"):
                    inside = _is_below(Path(value), (request.home, request.temporary, request.workspace))
                    assert inside, f"{name} leads to {value}, outside of what is this run's"

    def test_a_reader_cannot_write(self) -> None:
        if self.program.parity["read-only"].honoured == "no":
            return
        writer = self.program.launch(self._request(writes=True))
        assert self.writing_words, "say in 'writing_words' what lets a writer write"
        for word in self.writing_words:
            assert word in _text(writer), f"{word!r} is not in the launch of a writer"
        for tools in (_READER, _WRITER):
            request = replace(self._request(), tools=tools)
            reader = self.program.launch(request)
            for word in self.writing_words:
                assert word not in _text(reader), f"a reader with the tools {sorted(tools)} has {word!r}"

    def test_the_workspace_is_where_it_works(self) -> None:
        # The process starts there, so a program needs not say it; but it must not say another place.
        for part in self.program.launch(self._request()).argv:
            assert not part.startswith("/") or _is_below(Path(part), (_ROOT,)), f"the argument {part} leads elsewhere"

    def test_the_model_is_there_if_and_only_if_it_is_given(self) -> None:
        if self.program.parity["model"].honoured != "no":
            assert _MODEL in _text(self.program.launch(self._request(model=_MODEL))), "the model is not handed over"
            assert _MODEL not in _text(self.program.launch(self._request())), "there is a model that nobody gave"

    def test_the_contract_is_handed_over_if_and_only_if_parity_says_so(self) -> None:
        with_it, without = (self.program.launch(self._request(schema=schema)) for schema in (_SCHEMA, None))
        handed_over = _text(with_it) != _text(without)
        assert handed_over == (self.program.parity["contract"].honoured != "no"), (
            "'parity' says that the contract is not handed over" if handed_over else "the contract is not handed over"
        )

    def test_the_session_is_handed_over_if_parity_says_so(self) -> None:
        request = self._request()
        if self.program.parity["session id"].honoured == "yes":
            assert request.session in _text(self.program.launch(request)), "the session is not handed over"

    def test_limits_are_handed_over_if_parity_says_so(self) -> None:
        plain = _text(self.program.launch(self._request()))
        for name, limits in (("max_turns", Limits(max_turns=73)), ("max_usd", Limits(max_usd=7.25))):
            if self.program.parity[f"limits.{name}"].honoured == "yes":
                request = self._request()
                request = replace(request, subagent=replace(request.subagent, limits=limits))
                assert _text(self.program.launch(request)) != plain, f"'limits.{name}' changes nothing"

    def test_web_and_subagents_are_off_until_asked_for(self) -> None:
        plain = self._request()
        asked_for: tuple[tuple[Tool, str], ...] = (("web", "tools"), ("subagents", "subagents off"))
        for tool, feature in asked_for:
            if self.program.parity[feature].honoured == "yes":
                asked = replace(plain, tools=frozenset({*plain.tools, tool}))
                differs = _text(self.program.launch(asked)) != _text(self.program.launch(plain))
                assert differs, f"the tool {tool!r} changes nothing"

    def test_mcp_servers_are_handed_over_or_refused(self) -> None:
        request = self._request(mcp=True)
        if self.program.parity["mcp"].honoured == "no":
            assert self.program.refusals(request.subagent, request.settings), "MCP servers are passed over in silence"
            return
        assert not self.program.refusals(request.subagent, request.settings), "a plain MCP server is refused"
        assert "lab-server-3f" in _text(self.program.launch(request)), "the MCP server is not handed over"

    def test_a_persons_arguments_arrive_in_their_order(self) -> None:
        given = ("--their-option", "second value", "--third=3")
        for writes in (False, True):
            request = self._request(writes=writes)
            request = replace(request, settings=replace(request.settings, args=given))
            argv = self.program.launch(request).argv
            places = [index for index in range(len(argv)) if argv[index : index + len(given)] == given]
            assert places, f"'args' are not among the arguments as they were given: {argv}"
            assert "--" not in argv[: places[0]], "'args' stand behind '--', where they are no options"

    def _request(
        self, *, writes: bool = False, model: str | None = None, schema: JsonValue = None, mcp: bool = False
    ) -> Request:
        environ = dict.fromkeys(("SECRET_TOKEN", *self.program.keys), _SECRET)
        server = McpServer(name="lab", settings={"command": "lab-server-3f", "env": {"TOKEN": "${SECRET_TOKEN}"}})
        command = tuple(part for part in self.command if model is not None or part != "{model}")
        return Request(
            subagent=Subagent(
                id="conformance",
                vendor=self.vendor,
                model=model,
                command=command,
                scope=Scope(read=("src/**",), write=("src/**",) if writes else ()),
            ),
            settings=VendorSettings(vendor=self.vendor, env=tuple(environ), mcp=(server,) if mcp else ()),
            prompt=PROMPTS[0],
            prompt_file=_ROOT / "home" / "prompt.md",
            workspace=_ROOT / "workspace",
            home=_ROOT / "home",
            config=_ROOT / "home" / self.program.config_folder,
            temporary=_ROOT / "tmp",
            output_file=_ROOT / "home" / "answer",
            session="1d4b1c0e-6a53-4d5a-9a7c-3f2f6a1f0c11",
            tools=_WRITER if writes else _READER,
            model=model,
            schema=schema,
            schema_file=None if schema is None else _ROOT / "home" / "contract.schema.json",
            environ=environ,
            config_text=lambda name: json.dumps({"key": _SECRET, "file": name}),
        )


def _starts(launch: Launch) -> None:
    for part in launch.argv:
        size = len(part.encode("utf-8", "surrogateescape"))
        assert "\0" not in part, f"an argument has a NUL: {part[:30]!r}"
        assert size <= ARGUMENT_BYTES, f"an argument has {size:,} bytes, more than Linux takes: {part[:30]!r}"


def _ways_of(prompt: str, launch: Launch, request: Request) -> Iterator[str]:
    """How the prompt gets to the program: by which file, or as which kind of argument."""
    files: Mapping[Path, str] = dict(launch.files)
    said = "\n".join((*launch.argv, *launch.env.values()))
    if launch.stdin == request.prompt_file or str(request.prompt_file) in said:
        yield "file"
    for path, text in files.items():
        # One character before it may keep it from being read as a command.
        named = path == launch.stdin or str(path) in said
        if named and (prompt in text or json.dumps(prompt)[1:-1] in text):
            yield "file"
    for index, part in enumerate(launch.argv):
        if part == prompt:
            yield "argument" if "--" in launch.argv[:index] else "option"
        elif part.endswith(f"={prompt}") and part.startswith("--"):
            yield "argument"


def _is_below(path: Path, folders: tuple[Path, ...]) -> bool:
    return ".." not in path.parts and any(path.is_relative_to(folder) for folder in folders)


def _text(launch: Launch) -> str:
    """All that a launch says, as text in which values can be looked for."""
    said: list[Any] = [*launch.argv, *sorted(launch.env.items()), *((str(path), text) for path, text in launch.files)]
    return "\n".join(part if isinstance(part, str) else "=".join(part) for part in said)
