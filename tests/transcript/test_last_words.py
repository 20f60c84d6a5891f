"""What a program said last on its standard error, as a reason tells it."""

from __future__ import annotations

import pytest

from pytest_subagents.transcript.last_words import last_error, launch_failure

# OpenCode 1.18.33 with `--print-logs --log-level=ERROR`, while it tries again.
REFUSED = (
    'timestamp=2026-11-21T10:48:00.301Z level=ERROR run=2e7cc574 message="stream error" providerID=scripted '
    "modelID=large session.id=ses_e0247aa85ffeny9rczpu080PZa small=false agent=build mode=primary "
    'error.error="AI_APICallError: Cannot connect to API: Unable to connect. Is the computer able to access the url?"\n'
)
PROCESS = (
    "timestamp=2026-11-21T10:54:01.160Z level=ERROR run=1ecd28cd message=process session.id=ses_e02422700ffe1n "
    'messageID=msg_1fdb error="no \\"key\\" there" stack="AI_APICallError: no key\\n    at <anonymous> (/x.js)"\n'
)


def test_of_a_line_of_a_log_its_error_is_told() -> None:
    told = "AI_APICallError: Cannot connect to API: Unable to connect. Is the computer able to access the url?"
    assert last_error(REFUSED * 3) == told
    assert last_error(REFUSED + PROCESS) == 'no "key" there'


def test_what_is_said_after_the_log_counts() -> None:
    assert last_error(REFUSED + "fatal: out of memory\n") == "fatal: out of memory"


def test_a_program_that_logs_a_failed_request_has_come_to_the_provider() -> None:
    assert launch_failure(REFUSED) == "provider_error"


@pytest.mark.parametrize(
    "said", ["openai.APIConnectionError: Connection error.", "anthropic.APITimeoutError: Request timed out."]
)
def test_an_sdk_that_gets_no_answer_has_not_failed_to_start(said: str) -> None:
    assert launch_failure(f"Traceback (most recent call last):\n{said}\n") == "provider_error"


def test_an_argument_that_is_not_known_is_told_before_the_usage() -> None:
    usage = "Usage: gemini [options] [command]\n\nOptions:\n" + "  -m, --model  Model  [string]\n" * 200
    stderr = f"Unknown arguments: no-such-flag, noSuchFlag\n\n{usage}"
    assert last_error(stderr) == "Unknown arguments: no-such-flag, noSuchFlag"
