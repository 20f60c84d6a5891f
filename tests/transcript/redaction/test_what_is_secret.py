"""Which variables are secrets, which values cannot be redacted, and which patterns are refused."""

from __future__ import annotations

import json

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.redaction.secret_values import is_secret_name, secrets_of


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "GITHUB_TOKEN", "PGPASSWORD", "DB_PASS",
        "GOOGLE_CREDENTIALS", "CLIENT_SECRET", "npm_config__auth", "GITHUB_PAT", "SESSION_COOKIE", "KEY", "SENTRY_DSN",
        "DOCKER_AUTH_1", "apikey", "SSH_PRIVATE_KEY_BASE64", "SLACK_WEBHOOK",
    ],
)  # fmt: skip
def test_a_name_tells_that_its_value_is_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "PATH", "HOME", "PWD", "OLDPWD", "KEYBOARD", "TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK", "XAUTHORITY", "LANG",
        "GOOGLE_APPLICATION_CREDENTIALS_FILE", "GPG_KEY", "PASSWORD_STORE_DIR", "MONKEY_PATCH_LEVEL", "COMPASS",
    ],
)  # fmt: skip
def test_other_names_do_not(name: str) -> None:
    assert is_secret_name(name) is (name == "COMPASS")  # one that ends in a telling word is taken for one


def test_values_are_those_of_telling_names_and_of_what_an_agent_was_given() -> None:
    environ = {
        "A_TOKEN": "0123456789",
        "PLAIN": "this is no secret",
        "BASE_URL": "http://user:pa55word!@127.0.0.1:80",
        "THE_MODEL": "claude-sonnet",
        "SHORT_KEY": "abc",
        "EMPTY_KEY": "",
        "ODD_KEY": "redacted",
        "MULTI_KEY": " padded value \n",
    }
    found = secrets_of(environ, allowed=["BASE_URL", "THE_MODEL"])
    assert set(found.values) == {"0123456789", "http://user:pa55word!@127.0.0.1:80", "pa55word!", "padded value"}
    assert found.refused == (
        "ODD_KEY is not redacted: its value is a part of what stands in the place of secrets",
        "SHORT_KEY is not redacted: its value has less than 8 characters",
    )


def test_a_secret_that_is_json_holds_more_of_them() -> None:
    account = {"type": "service_account", "private_key_id": "0011223344556677", "client_email": "a@b.iam.example.com"}
    found = secrets_of({"GOOGLE_CREDENTIALS": json.dumps(account)}).values
    assert "0011223344556677" in found
    assert "service_account" not in found
    assert "a@b.iam.example.com" not in found


def test_the_lines_of_a_private_key_are_secrets_of_their_own() -> None:
    lines = ["MIIEowIBAAKCAQEAx7Yz0Q", "t1Jc9wT4mUqv5rKfL2pWd8"]
    key = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"])
    redactor = redactor_for(secrets=secrets_of({"DEPLOY_KEY": key}).values)
    assert redactor.redact_text(f"$ sed -n 3p key\n{lines[1]}\n") == "$ sed -n 3p key\n<redacted>\n"


def test_values_that_are_too_short_ruin_nothing() -> None:
    redactor = redactor_for(secrets=["", "1", "abc", "1234567"])
    line = b'{"n": 1, "abc": "1234567"}\n'
    assert redactor.redact_bytes(line) == line


def test_a_pattern_is_looked_for_in_every_text_and_its_group_alone_is_cut() -> None:
    redactor = redactor_for(patterns=[r"CUST-\d+", r"host=(?P<secret>\S+)"])
    line = {"text": json.dumps({"a": "for CUST-42 on host=db1.internal now"}), "CUST-7": "x"}
    redacted = redactor.redact_bytes(json.dumps(line).encode())
    assert json.loads(redacted) == {
        "text": json.dumps({"a": "for <redacted> on host=<redacted> now"}),
        "<redacted>": "x",
    }
    assert redactor.redact_bytes(redacted) == redacted


def test_a_pattern_that_matches_placeholders_changes_nothing_of_them() -> None:
    redactor = redactor_for(patterns=[r"[A-Z<>]+", "redacted|workspace"], workspaces=["/srv/some/where"])
    once = redactor.redact_text("WORD /srv/some/where 12")
    assert once == "<redacted> <workspace> 12"
    assert redactor.redact_text(once) == once


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(", "is no regular expression"),
        ("a*", "matches the empty text"),
        ("|x", "matches the empty text"),
        (r"\b", "matches the empty text"),
        ("(a+)+$", "repeats a repetition"),
        ("(?:x|(?:a+b?)+)+", "repeats a repetition"),
        (r"(\w+\s?)*!", "repeats a repetition"),
        ("([a-z]+){10,}x", "repeats a repetition"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told(pattern: str, what: str) -> None:
    with pytest.raises(BadUsage, match=what) as caught:
        redactor_for(patterns=[pattern], where="pytest.ini: subagents_redact")
    assert str(caught.value).startswith("pytest.ini: subagents_redact: the pattern ")


@pytest.mark.parametrize(
    "pattern", ["(?:[a-z]++-)+x", "(?>a+)+b", r"[+*(]+\)", "(ab){2,4}c+", r"\(a+\)+", "(?i:key)=.+", "(a{2,3})+"]
)
def test_a_pattern_that_ends_is_taken(pattern: str) -> None:
    assert redactor_for(patterns=[pattern]).seeker.has_patterns
