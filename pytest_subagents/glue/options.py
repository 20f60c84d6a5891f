"""The settings of a run, from the command line, the environment, the ini file, or the default, in that order."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.budget import NO_BUDGET, Budget
from pytest_subagents.model.shard import Shard
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.registry import VENDORS

Mode: TypeAlias = Literal["replay", "once", "record", "live"]
MODES: Final[tuple[Mode, ...]] = ("replay", "once", "record", "live")
DEFAULT_FILES: Final = tuple(
    name + suffix for suffix in (".yaml", ".yml", ".toml", ".json") for name in ("subagents", "*.subagents")
)
DEFAULT_TRANSCRIPTS: Final = ("**/transcripts/**/*.jsonl",)


class Settings(Value, frozen=True, kw_only=True):
    """What a run was asked to do. Paths are absolute."""

    mode: Mode
    plan: bool
    """Only show a plan."""
    reports: tuple[Path, ...]
    gates: tuple[str, ...]
    gates_from: str
    """Where they came from, for who has to mend one."""
    verdict: Literal["items", "gates"]
    snapshot: bool
    baseline: Path | None
    """The report that findings are compared with."""
    partial: Literal["pass", "fail"]
    stale: Literal["fail", "warn"]
    contract: str | None
    files: tuple[str, ...]
    transcripts: tuple[str, ...]
    github: Literal["auto", "off"]
    """Whether a job of GitHub Actions gets a summary and annotations."""
    report_dir: Path
    run_dir: Path
    vendor: str | None
    """Runs every subagent, whatever its file says."""
    model: str | None
    budget: Budget
    max_concurrency: int | None
    """Live subagents at a time, over all workers; None where only a workflow limits them."""
    resume: bool
    keep: Literal["failed", "all", "none"]
    """Whose private checkouts stay."""
    uncommitted: Literal["refuse", "carry", "ignore"]
    """What becomes of changes that are not committed."""
    checks: Literal["recorded", "run"]
    """How `run:` criteria of what is replayed are judged."""
    sentinels: tuple[str, ...]
    """Further paths that no agent has any business with."""
    shard: Shard | None
    """The part of the run that is done here; None where all of it is."""
    redact: tuple[str, ...]
    """Regular expressions of what is a secret here."""
    changed: tuple[str, ...]
    """What is not the default, with where it came from: `mode=replay (SUBAGENTS_MODE)`."""
    asked: tuple[str, ...]
    """The options on the command line that promise an output: with nothing planned they cannot be kept."""

    @property
    def live(self) -> bool:
        """Whether agents may be started."""
        return self.mode != "replay"

    @property
    def works(self) -> bool:
        """Whether anything may be started: agents, or the commands of a workflow file on what was recorded."""
        return self.live or self.checks == "run"


class _Source:
    """Reads one setting after another and notes where each came from."""

    def __init__(self, config: pytest.Config, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self.changed: list[str] = []

    def text(self, name: str, default: str, choices: Sequence[str] = ()) -> str:
        value, origin = self._found(name)
        if not value:
            return default
        assert isinstance(value, str)
        if choices and value not in choices:
            raise BadUsage(origin, f"{value!r} is not a choice", hint=_choices(value, choices))
        self._note(name, value, origin)
        return value

    def lines(self, name: str, default: tuple[str, ...] = (), *, commas: bool = True) -> tuple[str, ...]:
        """With `commas` a variable of the environment may have several in one line."""
        value, origin = self._found(name)
        if not value:
            return default
        if isinstance(value, str):
            value = (value.replace(",", "\n") if commas else value).split("\n")
        items = tuple(value)
        items = tuple(item.strip() for item in items if item.strip())
        self._note(name, ", ".join(items), origin)
        return items

    def vendor(self, name: str) -> str:
        given, _ = self._found(name)
        # The names of all vendors are asked for only where they are needed: third parties' have to be searched for.
        return self.text(name, "", () if not given or given in VENDORS else tuple(VENDORS))

    def number(self, name: str) -> int | None:
        text = self.text(name, "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:
            raise BadUsage(
                self._found(name)[1], f"{text[:40]!r} is no whole number above 0", hint="say how many, such as 4"
            )
        return int(text)

    def budget(self, name: str) -> Budget:
        text = self.text(name, "")
        if not text:
            return NO_BUDGET
        from pytest_subagents.specify.budget import read_budget

        return read_budget(text, self._found(name)[1])

    def shard(self, name: str) -> Shard | None:
        text = self.text(name, "")
        if not text:
            return None
        from pytest_subagents.specify.shard import read_shard

        return read_shard(text, self._found(name)[1])

    def path(self, name: str, *, rootdir: Path, cwd: Path) -> Path | None:
        """From the rootdir where the ini file has it, else from the current folder."""
        text = self.text(name, "")
        if not text:
            return None
        return (rootdir if self._found(name)[1].startswith("ini ") else cwd) / text

    def flag(self, name: str) -> bool:
        value, origin = self._found(name)
        on = as_flag(origin, value) if isinstance(value, str) else bool(value)
        if on:
            self._note(name, "on", origin)
        return on

    def _found(self, name: str) -> tuple[Any, str]:
        given = self._config.getoption(f"subagents_{name}", None)
        if given or given == "":
            return _filled(given, f"--subagents-{name.replace('_', '-')}"), f"--subagents-{name.replace('_', '-')}"
        variable = f"SUBAGENTS_{name.upper()}"
        if variable in self._environ:
            return self._environ[variable], variable
        origin = f"ini subagents_{name}"
        try:
            value = self._config.getini(f"subagents_{name}")
        except (ValueError, pytest.UsageError) as error:
            if "unknown configuration value" in str(error):  # an option without an ini key
                return None, ""
            if "invalid literal" not in str(error):
                raise
            what = f"{str(error).rpartition(': ')[2]} is no whole number above 0"
            raise BadUsage(origin, what, hint="say how many, such as 4") from None
        if any(isinstance(part, str) and "\0" in part for part in (value if isinstance(value, list) else [value])):
            raise BadUsage(origin, "it has a NUL character")
        return (str(value) if type(value) is int else value), origin

    def origin(self, name: str) -> str:
        """Where a setting came from."""
        return self._found(name)[1]

    def _note(self, name: str, value: str, origin: str) -> None:
        self.changed.append(f"{name}={value} ({origin})")


def _filled(given: Any, option: str) -> Any:
    """What was given on the command line. An empty value is a variable of a CI job that is not set: without its gate or
    its baseline the run would be green, judged by nothing."""
    if any(isinstance(part, str) and not part.strip() for part in (given if isinstance(given, list) else [given])):
        raise BadUsage(option, "its value is empty", hint="give it one, or leave the option out")
    return given


def _choices(value: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(value, choices, n=1)
    return (f"did you mean {near[0]!r}? " if near else "") + f"use one of: {', '.join(sorted(choices))}"


def as_flag(where: str, text: str) -> bool:
    """A boolean as an environment variable spells it."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    try:
        return words[text.strip().lower() or "0"]
    except KeyError:
        raise BadUsage(where, f"{text!r} is no boolean", hint="use 1 or 0") from None


def read_settings(config: pytest.Config, environ: Mapping[str, str], cwd: Path) -> Settings:
    """The settings of this run; a value that is none of the choices raises `BadUsage`."""
    source = _Source(config, environ)
    mode = cast(Mode, source.text("mode", "replay", MODES))
    reports = tuple(cwd / path for path in source.lines("report"))
    gates = source.lines("gate")
    verdict = source.text("verdict", "items", ("items", "gates"))
    snapshot = source.flag("snapshot")
    baseline = source.path("baseline", rootdir=config.rootpath, cwd=cwd)
    partial = source.text("partial", "pass", ("pass", "fail"))
    stale = source.text("stale", "fail", ("fail", "warn"))
    contract = source.text("contract", "")
    files = source.lines("files")
    transcripts = source.lines("transcripts")
    github = cast(Literal["auto", "off"], source.text("github", "auto", ("auto", "off")))
    report_dir = source.text("report_dir", "artifacts/subagents")
    run_dir = source.text("run_dir", ".subagents")
    vendor, model = source.vendor("vendor"), source.text("model", "")
    budget = source.budget("budget")
    max_concurrency = source.number("max_concurrency")
    redact = source.lines("redact", commas=False)
    sentinels = source.lines("sentinels")
    resume = source.flag("resume")
    keep = cast(Literal["failed", "all", "none"], source.text("keep", "failed", ("all", "failed", "none")))
    uncommitted = source.text("uncommitted", "ignore", ("carry", "ignore", "refuse"))
    checks = cast(Literal["recorded", "run"], source.text("checks", "recorded", ("recorded", "run")))
    shard = source.shard("shard")
    if resume and mode == "replay":
        raise BadUsage(
            "--subagents-resume",
            "a replay starts nothing, so there is nothing to go on with",
            hint="give the mode of the run that was cut short too: --subagents-mode=once, record or live",
        )
    plan = bool(config.getoption("subagents_plan", None))
    asked = tuple(
        f"--subagents-{name}"
        for name in ("baseline", "gate", "report", "shard", "snapshot")
        if config.getoption(f"subagents_{name}", None)
    )
    if plan and asked:
        raise BadUsage(
            "--subagents-plan",
            f"it starts nothing, so there is nothing for {', '.join(asked)} to act on",
            hint="leave one of them out",
        )
    return Settings(
        mode=mode,
        plan=plan,
        reports=reports,
        gates=gates,
        gates_from=source.origin("gate"),
        verdict=cast(Literal["items", "gates"], verdict),
        snapshot=snapshot,
        baseline=baseline,
        partial=cast(Literal["pass", "fail"], partial),
        stale=cast(Literal["fail", "warn"], stale),
        contract=contract or None,
        files=files or DEFAULT_FILES,
        transcripts=transcripts or DEFAULT_TRANSCRIPTS,
        github=github,
        report_dir=config.rootpath / report_dir,
        run_dir=config.rootpath / run_dir,
        vendor=vendor or None,
        model=model or None,
        budget=budget,
        max_concurrency=max_concurrency,
        resume=resume,
        keep=keep,
        uncommitted=cast(Literal["refuse", "carry", "ignore"], uncommitted),
        checks=checks,
        sentinels=sentinels,
        shard=shard,
        redact=redact,
        changed=tuple(source.changed),
        asked=asked,
    )
