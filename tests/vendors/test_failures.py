"""One taxonomy for what all vendors call their failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.status import CEILING
from pytest_subagents.vendors.failures import NAMES, classify
from pytest_subagents.vendors.registry import VENDORS


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("exceeded retry limit, last status: 429 Too Many Requests", "rate_limit"),
        ("exceeded retry limit, last status: 401 Unauthorized, request id: 99cdbe", "auth"),
        ("unexpected status 503 Service Unavailable", "provider_error"),
        ("You've hit your usage limit. To get more access now, send a request", "rate_limit"),
        ("Quota exceeded. Check your plan and billing details.", "rate_limit"),
        ("Credit balance is too low", "rate_limit"),
        ("Codex ran out of room in the model's context window.", "context_limit"),
        ("prompt is too long: 250000 tokens > 200000 maximum", "context_limit"),
        ("Missing environment variable: `LAB_API_KEY`.", "auth"),
        ("Not logged in · Please run /login", "auth"),
        ("Invalid API key · Fix external API key", "auth"),
        ('[API Error: {"error":{"code":403,"message":"API key not valid"}}]', "auth"),
        ('[API Error: {"error":{"code":500,"message":"Internal error"}}]', "provider_error"),
        ("API Error: 400 messages.0: scripted", "provider_error"),
        ("Claude Code is unable to respond to this request, which appears to violate our Usage Policy", "refusal"),
        ("Connection failed: error sending request", "provider_error"),
        ("API Error: Unable to connect to API (ConnectionRefused)", "provider_error"),
        ("stream disconnected before completion: idle timeout waiting for SSE", "provider_error"),
        ("No conversation found with session ID: 1", "launch"),
        ("Reached max session turns", "turn_limit"),
        ("Your access token could not be refreshed because your refresh token was revoked.", "auth"),
        ("5-hour limit reached ∙ resets 3pm", "rate_limit"),
        ("You've hit your session limit · resets 3pm", "rate_limit"),
        ("You've reached your specified API usage limits", "rate_limit"),
        ("", "provider_error"),
    ],
)
def test_words(message: str, kind: str) -> None:
    assert classify(message) == kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "provider_error"), (401, "auth"), (403, "auth"), (429, "rate_limit"), (529, "provider_error")],
)
def test_statuses(status: int, kind: str) -> None:
    assert classify("boom", status=status) == kind


def test_names_say_more_than_words_and_numbers() -> None:
    assert classify("429 quota", names=("unknown", "ContextOverflowError"), status=401) == "context_limit"
    assert classify("429 quota", names=("unknown", "other")) == "rate_limit"


def test_a_bad_request_may_be_a_full_context_window() -> None:
    assert classify("Prompt is too long", status=400) == "context_limit"


def test_every_kind_is_one_that_a_reason_can_have() -> None:
    kinds = {*NAMES.values(), *(kind for vendor in VENDORS.values() for _, kind in vendor.exit_meanings)}
    assert kinds <= CEILING.keys()


def test_the_vendors_are_known_by_name() -> None:
    assert set(VENDORS) == {"codex", "claude", "gemini", "opencode", "cursor", "copilot", "command"}


@given(st.text(), st.none() | st.integers())
def test_any_failure_has_a_kind(message: str, status: int | None) -> None:
    assert classify(message, status=status) in CEILING
