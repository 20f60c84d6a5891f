"""Tokens of known makers are found whoever they belong to; what only resembles one stays."""

from __future__ import annotations

import base64
import io
import json

import pytest
from known_tokens import BEHIND_A_NAME, TOKENS, drawn

from pytest_subagents.transcript.redaction.formats import found_in, may_hold
from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.transcript.token_signs import seems_to_hold

REDACTOR = redactor_for()


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


@pytest.mark.parametrize(("text", "redacted"), BEHIND_A_NAME)
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
    "def login(user, password: SecretStr1, key=b2a_hex(x)): return Ed25519PrivateKey|Ed25519PublicKey",
    "auth = base64.b64encode(user_pass1)",
    "self.password = config.db2.password",
    "password: at least 8 characters; pwd=/home/user1/project2/x3",
    "cookie = request.cookies.get('x', y=12)",
    "See Bearer https://datatracker.ietf.org/doc/html/rfc6750 and git+https://github.com/a/b@6cc6524c9d00a5c0be1be8a4",
    "curl -u $USER:$PASSWORD1 https://x; docker run -u 1000:1000 x",
    "SKILL patterns re_compile key-value dapi fc-list pat.py",
    "<redacted> <workspace>/src <home>/x <tmp>",
    "api_key=<redacted>, Authorization: Bearer <redacted>, postgres://app:<redacted>@db/x",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_resembles_a_secret_stays(text: str) -> None:
    assert list(found_in(text)) == []
    line = json.dumps({"type": "text", "text": text}).encode() + b"\n"
    assert REDACTOR.redact_bytes(line) == line
    assert suspicions(io.BytesIO(line), REDACTOR) == ()


@pytest.mark.parametrize("levels", range(4))
def test_the_quick_looks_miss_none(levels: int) -> None:
    for text in (*TOKENS.values(), *(text for text, _ in BEHIND_A_NAME)):
        for _ in range(levels):
            text = json.dumps({"a": f"\n{text}\t"})
        assert may_hold(text.encode()), text
        assert seems_to_hold(text), text
        assert seems_to_hold("".join(f"\\u{ord(char):04x}" for char in text))


def test_an_answer_without_any_is_not_looked_at_more_closely() -> None:
    finding = {"severity": "high", "file": "src/pkg/module_two.py", "line": 3, "title": "It divides by zero"}
    assert not seems_to_hold(json.dumps({"status": "success", "summary": "All is well.", "findings": [finding]}))


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
