"""The laws of redaction, for whatever stands around a secret and however deep it is wrapped."""

from __future__ import annotations

import io
import json

from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.transcript.redaction.secret_values import unredactable

SECRETS = st.one_of(
    st.text("abcdefnrtuXYZ0123456789", min_size=12, max_size=40),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=30),
    st.text("abnrtu\\\"/'&%é<x1", min_size=8, max_size=20),
).filter(lambda value: value == value.strip() and unredactable(value) is None)

TEXTS = st.text(
    st.one_of(st.sampled_from('ab n\\"/<>:{}\n\t0é\u2028'), st.characters(exclude_categories=["Cs"])), max_size=12
)

PATHS = ["/work/team/checkout", "/home/me"]


def wrapped(text: str, levels: int, ensure_ascii: bool) -> str:
    for _ in range(levels):
        text = json.dumps({"a": text}, ensure_ascii=ensure_ascii)
    return text


def strings_of(value: object, depth: int = 6) -> list[str]:
    """Every text that decoding gives, however often."""
    match value:
        case str():
            try:
                inner = json.loads(value) if depth else None
            except ValueError:
                inner = None
            return [value, *(strings_of(inner, depth - 1) if isinstance(inner, (dict, list, str)) else [])]
        case dict():
            return [found for item in value.items() for part in item for found in strings_of(part, depth)]
        case list():
            return [found for item in value for found in strings_of(item, depth)]
    return []


def redactor(*secrets: str) -> Redactor:
    return redactor_for(secrets=secrets, workspaces=[PATHS[0]], homes=[PATHS[1]])


@given(secret=SECRETS, before=TEXTS, after=TEXTS, levels=st.integers(0, 4), ascii=st.booleans(), key=st.booleans())
@example(secret="nAAAAAAAAAA1", before="C:\\", after="", levels=2, ascii=True, key=False)
@example(secret='p@ss"w\\nrd n 12', before="", after="", levels=3, ascii=False, key=True)
def test_no_decoding_of_a_line_holds_the_secret(
    secret: str, before: str, after: str, levels: int, ascii: bool, key: bool
) -> None:
    text = wrapped(before + secret + after, levels, ascii)
    record = {text: 1} if key else {"type": "message", "content": text}
    data = json.dumps(record, ensure_ascii=ascii).encode() + b"\n"
    redacted = redactor(secret).redact_bytes(data)
    found = strings_of(json.loads(redacted))
    assert not [one for one in found if secret in one]
    assert redacted.count(b"\n") == 1
    assert b"<redacted>" in redacted


@given(secret=SECRETS, before=TEXTS, after=TEXTS, ascii=st.booleans(), data=st.data())
def test_no_secret_is_left_in_the_parts_of_a_stream(
    secret: str, before: str, after: str, ascii: bool, data: st.DataObject
) -> None:
    text = before + secret + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    lines = [
        json.dumps({"type": "message", "role": "assistant", "content": part, "delta": True}, ensure_ascii=ascii)
        for part in parts
    ]
    redacted = redactor(secret).redact_bytes("".join(f"{line}\n" for line in lines).encode())
    got = [json.loads(line) for line in redacted.splitlines()]
    assert len(got) == len(parts)
    assert secret not in "".join(line["content"] for line in got)


LINES = st.lists(
    st.one_of(
        TEXTS.map(lambda text: json.dumps({"type": "message", "content": text, "delta": True}).encode()),
        st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")),
        TEXTS.map(lambda text: text.replace("\n", "").encode()),
    ),
    max_size=8,
)


@given(secret=SECRETS, lines=LINES, data=st.data())
def test_redacting_what_is_redacted_changes_nothing(secret: str, lines: list[bytes], data: st.DataObject) -> None:
    pieces = [secret.encode(), secret[: len(secret) // 2].encode(), secret.encode()[::-1], *(p.encode() for p in PATHS)]
    mixed = b"\n".join(lines)
    for piece in data.draw(st.lists(st.sampled_from(pieces), max_size=4)):
        at = data.draw(st.integers(0, len(mixed)))
        mixed = mixed[:at] + piece + mixed[at:]
    subject = redactor(secret)
    once = subject.redact_bytes(mixed)
    assert subject.redact_bytes(once) == once
    assert once.count(b"\n") == mixed.count(b"\n")
    assert suspicions(io.BytesIO(once), subject) == ()


@given(secret=SECRETS, lines=LINES, ends=st.booleans())
def test_clean_lines_stay_byte_for_byte(secret: str, lines: list[bytes], ends: bool) -> None:
    text = b"\n".join(lines) + (b"\n" if ends else b"")
    assume(
        secret[0].encode() not in text and not any(c in text.decode("utf-8", "replace") for c in secret if c.isalnum())
    )
    assert redactor(secret).redact_bytes(text) == text


@given(secret=SECRETS, before=TEXTS, after=TEXTS, levels=st.integers(0, 3))
def test_a_text_is_cleaned_like_a_stream(secret: str, before: str, after: str, levels: int) -> None:
    subject = redactor(secret)
    text = wrapped(before + secret + after, levels, True)
    redacted = subject.redact_text(text)
    assert subject.redact_text(redacted) == redacted
    assert redacted.count("\n") == text.count("\n")
    if levels:
        assert not [one for one in strings_of(json.loads(redacted)) if secret in one]
    else:
        assert secret not in redacted


@given(secret=SECRETS, before=TEXTS, after=TEXTS, levels=st.integers(0, 3), ascii=st.booleans())
def test_the_quick_look_misses_nothing(secret: str, before: str, after: str, levels: int, ascii: bool) -> None:
    seeker = redactor(secret).seeker
    text = json.dumps(wrapped(before + secret + after, levels, ascii), ensure_ascii=ascii)[1:-1]
    if seeker.cuts(text, escaped=True):
        assert seeker.may_be_in(text.encode())
