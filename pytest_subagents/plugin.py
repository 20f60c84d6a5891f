"""The pytest plugin: options, marks and thin fixtures. It joins in only when it is switched on.

Every pytest run on a machine where the package is installed loads this module, so it imports the standard library
and pytest only, and each body imports what it needs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_subagents.glue.fixtures import AggregateResults, ReplayTranscript
    from pytest_subagents.model.result import Result
    from pytest_subagents.model.spec import Subagent


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("subagents", "teams of AI coding subagents")
    on = {"dest": "subagents", "default": None}
    group.addoption("--subagents", action="store_true", help="Collect and judge subagents.", **on)
    group.addoption(
        "--no-subagents", action="store_false", help="Switch subagents off, whatever the ini file says.", **on
    )
    for name, keywords in _OPTIONS.items():
        group.addoption(f"--subagents-{name}", dest=f"subagents_{name.replace('-', '_')}", **keywords)
    for name, (kind, text) in _INI.items():
        parser.addini(name, text, type=kind, default=None if kind != "bool" else False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "subagent(id=..., task=..., ...): the test is one subagent's run.")
    config.addinivalue_line("markers", "subagents(Subagent(...), ...): the test runs once for each subagent.")
    _settle_elsewhere(config)
    if _switched_on(config):
        from pytest_subagents.glue.entrance import enter

        enter(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if any(metafunc.definition.iter_markers("subagents")) or any(metafunc.definition.iter_markers("subagent")):
        from pytest_subagents.glue.entrance import parametrize_marked

        parametrize_marked(metafunc)


@pytest.fixture
def subagent(request: pytest.FixtureRequest) -> Subagent:
    """The subagent that this test is about, as its mark declares it."""
    from pytest_subagents.glue.fixtures import subagent_of

    return subagent_of(request)


@pytest.fixture
def subagent_result(request: pytest.FixtureRequest) -> Result:
    """The result of the subagent that this test is about."""
    from pytest_subagents.glue.fixtures import result_of_item

    return result_of_item(request)


@pytest.fixture
def subagent_workspace(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder that the subagent worked in, as it left it, until the test is over."""
    from pytest_subagents.glue.workspace_fixture import workspace_of_item

    yield from workspace_of_item(request)


@pytest.fixture
def replay_transcript(request: pytest.FixtureRequest) -> ReplayTranscript:
    """A function from the path of a transcript to its result, for plain tests."""
    _need_platform()
    from pytest_subagents.glue.fixtures import replayer

    return replayer(request)


@pytest.fixture
def aggregate_results() -> AggregateResults:
    """A function from results to the report that they fold into, for plain tests."""
    _need_platform()
    from pytest_subagents.glue.fixtures import aggregate

    return aggregate


@pytest.fixture
def subagents_report_snapshot(request: pytest.FixtureRequest) -> Any:
    """A syrupy snapshot that a report can be compared with: `assert report == subagents_report_snapshot`."""
    _need_platform()
    from pytest_subagents.glue.snapshot import report_snapshot

    return report_snapshot(request)


def _need_platform() -> None:
    from pytest_subagents.glue.entrance import need_platform

    need_platform()


def _settle_elsewhere(config: pytest.Config) -> None:
    """A worker of xdist on another machine has the options that are set in its controller's environment."""
    given = getattr(config, "workerinput", {}).get("subagents_elsewhere")
    if given is not None:
        for name in [name for name in os.environ if name == "SUBAGENTS" or name.startswith("SUBAGENTS_")]:
            del os.environ[name]
        os.environ.update(given)


def _switched_on(config: pytest.Config) -> bool:
    given = config.getoption("subagents")
    if given is not None:
        return bool(given)
    word = os.environ.get("SUBAGENTS", "").strip().lower()
    if word not in (*_ON, *_OFF):
        raise pytest.UsageError(f"SUBAGENTS: {word!r} is no boolean\n  hint: use 1 or 0")
    if "SUBAGENTS" in os.environ:
        return word in _ON
    return bool(config.getini("subagents"))


_ON = ("1", "true", "yes", "on")
_OFF = ("", "0", "false", "no", "off")

_OPTIONS: dict[str, dict[str, Any]] = {
    "mode": {"metavar": "MODE", "help": "Where results come from: replay (default), once, record, live."},
    "plan": {
        "action": "store_true",
        "help": "Show who may run beside whom, in what order and for how long, and start nothing.",
    },
    "report": {
        "action": "append",
        "metavar": "PATH",
        "help": "Write the report to a further file. The suffix says the format: .html, .json, .md, .xml (JUnit), "
        ".sarif. Repeatable.",
    },
    "gate": {
        "action": "append",
        "metavar": "EXPR",
        "help": "Fail the run unless the report satisfies EXPR: 'failed <= 0', 'status >= partial'. Repeatable.",
    },
    "verdict": {"metavar": "WHO", "help": "Who decides the exit code: items (default) or gates."},
    "snapshot": {
        "action": "store_true",
        "help": "Compare the report with subagents.snapshot.json. --snapshot-update rewrites it.",
    },
    "baseline": {
        "metavar": "PATH",
        "help": "An earlier report.json: findings are new, known or fixed, and a gate may judge new_findings.",
    },
    "vendor": {"metavar": "NAME", "help": "Run every subagent with this vendor."},
    "model": {"metavar": "NAME", "help": "Run every subagent with this model."},
    "budget": {
        "metavar": "LIMITS",
        "help": "What the live run may spend, over all workers: usd=5,tokens=2M,time=20m. Then nothing more starts.",
    },
    "max-concurrency": {"metavar": "N", "help": "Never more than N live subagents, whatever -n is."},
    "resume": {
        "action": "store_true",
        "help": "Reuse the finished results of the last live run whose specification is unchanged.",
    },
    "shard": {
        "metavar": "I/N",
        "help": "Run the I-th of N parts and write it for `subagents merge-reports`, which judges all of them.",
    },
    "keep": {
        "metavar": "WHICH",
        "help": "Whose private checkouts stay until the next live run: failed (default), all, none.",
    },
    "uncommitted": {
        "metavar": "WHAT",
        "help": "Changes that are not committed, for who has a checkout of its own: ignore (default), carry, refuse.",
    },
    "checks": {
        "metavar": "HOW",
        "help": "Judge run: criteria by their recorded results (recorded, the default), or run the commands (run).",
    },
    "run-dir": {"metavar": "DIR", "help": "Where live runs keep their state, from the rootdir (.subagents)."},
}

_INI: dict[str, tuple[Any, str]] = {
    "subagents": ("bool", "Switch subagents on in every run."),
    "subagents_mode": ("string", "As --subagents-mode."),
    "subagents_report": ("linelist", "As --subagents-report."),
    "subagents_gate": ("linelist", "As --subagents-gate."),
    "subagents_verdict": ("string", "As --subagents-verdict."),
    "subagents_snapshot": ("bool", "As --subagents-snapshot."),
    "subagents_baseline": ("string", "As --subagents-baseline, from the rootdir."),
    "subagents_partial": ("string", "What a partial subagent does to its test: pass (default) or fail."),
    "subagents_stale": ("string", "What a stale recording does: fail (default) or warn."),
    "subagents_contract": ("string", "The contract of transcripts that have none of their own."),
    "subagents_files": ("linelist", "Names or globs of workflow files."),
    "subagents_transcripts": ("linelist", "Globs of transcripts, from the rootdir."),
    "subagents_report_dir": ("string", "The folder of report.json, from the rootdir."),
    "subagents_budget": ("string", "As --subagents-budget."),
    "subagents_max_concurrency": ("int", "As --subagents-max-concurrency."),
    "subagents_checks": ("string", "As --subagents-checks."),
    "subagents_keep": ("string", "As --subagents-keep."),
    "subagents_uncommitted": ("string", "As --subagents-uncommitted."),
    "subagents_run_dir": ("string", "As --subagents-run-dir."),
    "subagents_sentinels": (
        "linelist",
        "Further files and folders that no agent may change: absolute, from the rootdir, ~/; !GLOB is passed over.",
    ),
    "subagents_github": ("string", "In GitHub Actions, write a job summary and annotations: auto (default) or off."),
    "subagents_redact": ("linelist", "Regular expressions of what is a secret here, for recordings."),
}
