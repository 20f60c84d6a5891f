"""Tokens of known makers are found whoever they belong to; what only resembles one stays."""

from __future__ import annotations

import base64
import io
import json
import random
import string

import pytest

from pytest_subagents.transcript.redaction.formats import found_in, may_hold
from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import redactor_for

REDACTOR = redactor_for()


def drawn(size: int, letters: str = string.ascii_letters + string.digits) -> str:
    """Characters drawn by lot, the same each time, with a digit: nothing in this file is a real token."""
    return "".join(random.Random(size).choices(letters, k=size - 1)) + "7"


WEB_TOKEN = ".".join(
    base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode()
    for part in ('{"alg":"HS256","typ":"JWT"}', '{"sub":"1234567890"}', drawn(32))
)
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{drawn(64)}\n{drawn(40)}==\n-----END RSA PRIVATE KEY-----"

TOKENS = {
    "openai": f"sk-{drawn(48)}",
    "openai project": f"sk-proj-{drawn(40)}_{drawn(20)}",
    "anthropic": f"sk-ant-api03-{drawn(80)}",
    "stripe": f"sk_live_{drawn(24)}",
    "aws": f"AKIA{drawn(16, string.ascii_uppercase + string.digits)}",
    "github": f"ghp_{drawn(36)}",
    "github app": f"ghs_{drawn(36)}",
    "github fine": f"github_pat_{drawn(22)}_{drawn(59)}",
    "gitlab": f"glpat-{drawn(20)}",
    "slack": f"xoxb-{drawn(12, string.digits)}-{drawn(24)}",
    "google": f"AIza{drawn(35)}",
    "google oauth": f"ya29.{drawn(60)}",
    "web token": WEB_TOKEN,
    "private key": PEM,
    "npm": f"npm_{drawn(36)}",
    "hugging face": f"hf_{drawn(34)}",
    "pypi": f"pypi-AgEIcHlwaS5vcmc{drawn(60)}",
    "telegram": f"{drawn(10, string.digits)}:AA{drawn(33)}",
    "vault": f"hvs.{drawn(24)}",
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_cut_out_of_json_of_json_in_json_and_of_a_text(name: str) -> None:
    token = TOKENS[name]
    for text in (f"key {token} end", json.dumps({"a": f"key {token} end"})):
        line = json.dumps({"type": "text", "text": text}).encode() + b"\n"
        assert suspicions(io.BytesIO(line), REDACTOR)
        redacted = REDACTOR.redact_bytes(line)
        assert json.loads(redacted)["text"].replace("\\n", "") == text.replace(
            json.dumps(token)[1:-1], "<redacted>"
        ).replace(token, "<redacted>")
        assert suspicions(io.BytesIO(redacted), REDACTOR) == ()
    assert REDACTOR.redact_text(f"key {token} end").replace("\n", "") == "key <redacted> end"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"Authorization: Bearer {drawn(20)}", "Authorization: Bearer <redacted>"),
        (f"curl -H 'authorization: Basic {drawn(20)}=='", "curl -H 'authorization: Basic <redacted>'"),
        (f'"x-api-key": "{drawn(20)}"', '"x-api-key": "<redacted>"'),
        (f"x-goog-api-key={drawn(20)}", "x-goog-api-key=<redacted>"),
        (f"postgres://app:{drawn(10)}@db.local/x", "postgres://app:<redacted>@db.local/x"),
        (f"https://x-access-token:{drawn(10)}@github.com/a/b", "https://x-access-token:<redacted>@github.com/a/b"),
        (f"API_KEY={drawn(24)}", "API_KEY=<redacted>"),
        (f'"apiKey": "{drawn(24)}",', '"apiKey": "<redacted>",'),
        (f"AWS_SECRET_ACCESS_KEY = '{drawn(40)}'", "AWS_SECRET_ACCESS_KEY = '<redacted>'"),
        (f"db_password: {drawn(18)}", "db_password: <redacted>"),
        (f"client_secret={drawn(32, '0123456789abcdef')}", "client_secret=<redacted>"),
    ],
)
def test_what_stands_behind_a_telling_name_is_cut(text: str, redacted: str) -> None:
    assert REDACTOR.redact_text(text) == redacted
    line = json.dumps({"type": "text", "text": text}) + "\n"
    assert json.loads(REDACTOR.redact_bytes(line.encode()))["text"] == redacted


def test_the_name_may_be_the_key_of_the_value() -> None:
    record = {"headers": {"Authorization": f"Bearer {drawn(20)}"}, "apiKey": drawn(24), "tokens": [drawn(24)]}
    redacted = json.loads(REDACTOR.redact_bytes(json.dumps(record).encode()))
    assert redacted == {
        "headers": {"Authorization": "Bearer <redacted>"},
        "apiKey": "<redacted>",
        "tokens": record["tokens"],
    }


PROSE = "The task was to risk a disk-based, task-oriented approach; see https://user@example.com:8080/a:b@c."
HARMLESS = [
    "01a1f987-77df-7001-b219-b4e1d8f0038e",
    "commit 6cc6524c9d00a5c0be1be8a41ac6f9b1d9c9d2a7",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "integrity sha512-" + base64.b64encode(drawn(64).encode()).decode(),
    base64.b64encode(PROSE.encode()).decode(),
    PROSE,
    '{"input_tokens": 12000, "max_tokens": 4096, "token_count": 123456789012345}',
    "tests/key_value_store/test_token_bucket_limits_2024.py",
    "api_key: YOUR_API_KEY_HERE_PLEASE",
    "api_key=os.environ['OPENAI_API_KEY_2']",
    "token = process.env.GITHUB_TOKEN_VALUE",
    "password: correct-horse-battery-staple",
    "Bearer tokens are explained in the authorization-documentation",
    "Authorization: Bearer $OPENAI_API_KEY",
    "Authorization: Bearer <token>",
    "postgres://user:${PASSWORD}@host/db",
    "sk-circle-fade-dot sk-SK sk-learn-contrib",
    "toolu_01AbCdEf0123456789AbCdEf msg_01AbCdEf0123456789AbCdEf call_AbCdEf0123456789",
    '"signature":"EqQBCkYIBhABGAIiQL' + base64.b64encode(drawn(48).encode()).decode() + '"',
    "key=value&page_token=abc&cursor=def",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
    "<redacted> <workspace>/src <home>/x <tmp>",
    "api_key=<redacted>, Authorization: Bearer <redacted>, postgres://app:<redacted>@db/x",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_resembles_a_secret_stays(text: str) -> None:
    assert list(found_in(text)) == []
    line = json.dumps({"type": "text", "text": text}).encode() + b"\n"
    assert REDACTOR.redact_bytes(line) == line
    assert suspicions(io.BytesIO(line), REDACTOR) == ()


@pytest.mark.parametrize("text", [*TOKENS.values(), f"Authorization: Bearer {drawn(20)}", f"API_KEY={drawn(24)}"])
@pytest.mark.parametrize("levels", range(4))
def test_the_quick_look_misses_none(text: str, levels: int) -> None:
    for _ in range(levels):
        text = json.dumps({"a": f"\n{text}\t"})
    assert may_hold(text.encode())


def test_a_token_in_base64_is_seen_by_the_lint_though_nobody_knows_it() -> None:
    line = json.dumps({"text": base64.b64encode(f"export KEY={TOKENS['github']}".encode()).decode()}).encode()
    assert [str(found) for found in suspicions(io.BytesIO(REDACTOR.redact_bytes(line)), REDACTOR)] == [
        "line 1: a token of a known form, encoded"
    ]


def test_a_long_run_of_letters_takes_no_time() -> None:
    """Forms whose search would go over the whole rest from each place on would take hours here."""
    for text in (
        "key" * 100_000,
        "a" * 300_000,
        "token=" * 50_000,
        "://a" * 80_000,
        "-----BEGIN PRIVATE KEY-----" * 9_000,
    ):
        list(found_in(text))
        may_hold(text.encode())
