"""Metadata: what is written is read back, and what cannot be believed is said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord, ProcessEnd
from pytest_subagents.transcript.meta import NO_META, UNFINISHED, PatchFacts, RecordingMeta, meta_bytes, read_meta

TEXTS = st.text(max_size=20)
SOME = st.one_of(st.none(), TEXTS)
WORDS = st.one_of(st.none(), st.text(min_size=1, max_size=20))
PROCESSES = st.builds(
    ProcessEnd,
    exit_code=st.one_of(st.none(), st.integers(-(2**31), 2**32)),
    runtime_ms=st.one_of(st.none(), st.integers(0, limits.INTEGER_MAX)),
    stderr_tail=TEXTS,
    killed=WORDS,
    timed_out=st.booleans(),
    usd=st.one_of(st.none(), st.floats(0, 1e6)),
)
KINDS = st.sampled_from(["timeout", "idle_timeout", "killed", "budget", "turn_limit", "output_limit"])
STOPPED = st.builds(
    lambda process, kind, message: ProcessEnd(
        exit_code=process.exit_code, runtime_ms=process.runtime_ms, stop_kind=kind, stop_message=message
    ),
    PROCESSES,
    KINDS,
    TEXTS,
)
CHECKS = st.dictionaries(TEXTS, st.integers(-1, 255), max_size=3).map(
    lambda found: {run: CheckRecord(run=run, exit_code=code) for run, code in found.items()}
)
PATCHES = st.builds(
    PatchFacts,
    tree=TEXTS,
    files=st.integers(0, 1000),
    unkept=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
)
FACTS = st.builds(
    RecordingMeta,
    **dict.fromkeys(
        (
            "vendor", "cli_version", "model", "instructions_digest", "template_digest", "context_digest",
            "scope_digest", "contract_digest", "base",
        ),
        SOME,
    ),
    process=st.one_of(PROCESSES, STOPPED),
    checks=CHECKS,
    patch=st.one_of(st.none(), PATCHES),
)  # fmt: skip


@given(FACTS)
def test_what_is_written_is_read_back(facts: RecordingMeta) -> None:
    assert read_meta(meta_bytes(facts)) == facts


def test_the_file_is_the_same_for_the_same_facts() -> None:
    facts = RecordingMeta(
        vendor="codex",
        model="gpt-5",
        instructions_digest="sha256:00",
        process=ProcessEnd(exit_code=0, runtime_ms=1200, usd=0.25, stop_kind="idle_timeout", stop_message="silent"),
        checks={"true": CheckRecord(run="true", exit_code=0)},
    )
    assert meta_bytes(facts).decode() == (
        """{
  "checks": [
    {
      "exit_code": 0,
      "run": "true"
    }
  ],
  "digests": {
    "instructions": "sha256:00"
  },
  "exit_code": 0,
  "format": 1,
  "model": "gpt-5",
  "runtime_ms": 1200,
  "stopped": {
    "kind": "idle_timeout",
    "message": "silent"
  },
  "usd": 0.25,
  "vendor": "codex"
}
"""
    )


def test_metadata_of_nothing_says_its_format_alone() -> None:
    assert json.loads(meta_bytes(NO_META)) == {"format": 1}
    assert read_meta(b"{}") == NO_META


@pytest.mark.parametrize(
    "text",
    [
        '{"exit_code": "0"}',
        '{"exit_code": false}',
        '{"runtime_ms": -1}',
        '{"runtime_ms": true}',
        '{"timed_out": []}',
        '{"format": 1, "stopped": {"kind": "success"}}',
        '{"format": 1, "stopped": {"kind": "declared"}}',
        '{"format": 1, "stopped": "timeout"}',
        '{"format": 1, "usd": -1}',
        '{"format": 1, "usd": "1"}',
        '{"format": 1, "usd": 1e999}',
        '{"stderr_tail": 7}',
        '{"format": 1, "digests": []}',
        '{"format": 1, "patch": {}}',
        '{"format": 2}',
        '{"exit_code": 1, "exit_\\u0063ode": 0}',
        UNFINISHED.decode(),
        "[1]",
        "",
        "{",
    ],
)
def test_what_cannot_be_believed_is_told_in_one_line(text: str) -> None:
    found = read_meta(text.encode())
    assert isinstance(found, str)
    assert "\n" not in found
    assert found.startswith("the metadata ")


@pytest.mark.parametrize(
    "theirs",
    [
        '"format": "stream-json", "model": {"id": "opus"}',
        '"checks": "passed", "digests": [], "patch": true, "base": 3',
        '"format": null, "stopped": false, "vendor": ["codex"]',
    ],
)
def test_of_other_tools_only_the_end_of_the_process_counts(theirs: str) -> None:
    found = read_meta(f'{{"exit_code": 1, "timed_out": true, {theirs}}}'.encode())
    assert found == RecordingMeta(process=ProcessEnd(exit_code=1, timed_out=True))


@pytest.mark.parametrize(
    ("killed", "said"), [("false", None), ("true", "a signal"), ('""', None), ('"SIGKILL"', "SIGKILL")]
)
def test_a_kill_may_be_told_by_yes_or_no(killed: str, said: str | None) -> None:
    found = read_meta(f'{{"killed": {killed}}}'.encode())
    assert isinstance(found, RecordingMeta)
    assert found.process.killed == said


def test_a_long_tail_keeps_its_end() -> None:
    facts = RecordingMeta(process=ProcessEnd(stderr_tail="x" * limits.STDERR_TAIL_CHARS + "end"))
    found = read_meta(meta_bytes(facts))
    assert isinstance(found, RecordingMeta)
    assert len(found.process.stderr_tail) == limits.STDERR_TAIL_CHARS
    assert found.process.stderr_tail.endswith("xend")
