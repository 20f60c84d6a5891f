"""A secret whose value is known, in every form that somebody may print it in."""

from __future__ import annotations

import base64
import codecs
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_subagents.transcript.redaction.lint import suspicions
from pytest_subagents.transcript.redaction.redactor import redactor_for

HOSTILE = Path(__file__).parents[2] / "data/hostile/redaction"
KEY = "sk-ant-api03-" + "AbCdEf0123456789" * 3
ODD = "Zq7+Wm/3xT9=vB2kLp8Nc4Rd6Hs1Jf5G"
"""No known form, and signs that URLs and base64 write otherwise."""


@pytest.mark.parametrize("path", sorted(HOSTILE.iterdir()), ids=lambda path: path.stem)
def test_a_hostile_payload_is_cut_and_stays_json(path: Path) -> None:
    redactor = redactor_for(secrets=[KEY])
    redacted = redactor.redact_bytes(path.read_bytes())
    lines = [json.loads(line) for line in redacted.splitlines()]
    texts = "".join(str(line.get("content", line.get("item", {}).get("text"))) for line in lines)
    assert texts.strip("+") == "<redacted>"
    assert len(lines) == path.read_bytes().count(b"\n")
    assert redactor.redact_bytes(redacted) == redacted
    assert suspicions(io.BytesIO(redacted), redactor) == ()
    assert suspicions(io.BytesIO(path.read_bytes()), redactor)


def spellings(key: str) -> Iterator[tuple[str, str]]:
    data = key.encode()
    yield "plain", key
    for offset in range(3):
        yield f"base64 at {offset}", base64.b64encode(b"x" * offset + data + b"yy").decode()
    yield "base64 for URLs", base64.urlsafe_b64encode(b"ab" + data).decode()
    yield "base64 in lines", base64.encodebytes(b"hello world this is " + data + b" and more").decode()
    yield "base64 of base64", base64.b64encode(b"ab" + base64.b64encode(b"abc" + data)).decode()
    yield "base64 of UTF-16", base64.b64encode(f"${key}".encode("utf-16-le")).decode()
    yield "base64 of hex", base64.b64encode(data.hex().encode()).decode()
    yield "base64, reversed", base64.b64encode(b"a" + data).decode()[::-1]
    yield "hex of base64", base64.b64encode(data).hex()
    yield "base32 of more", base64.b32encode(b"ab" + data + b"c").decode()
    yield "long unicode escapes", "".join(f"\\U{byte:08x}" for byte in data)
    yield "unicode escapes in braces", "".join(f"\\u{{{byte:x}}}" for byte in data)
    yield "unicode in a URL", "".join(f"%u{byte:04X}" for byte in data)
    yield "base32", base64.b32encode(data).decode()
    yield "hex", data.hex()
    yield "hex with colons", data.hex(":").upper()
    yield "hex in groups", data.hex(" ", 2)
    yield "hex escapes", "".join(f"\\x{byte:02x}" for byte in data)
    yield "hex numbers", ", ".join(f"0x{byte:02x}" for byte in data)
    yield "octal escapes", "".join(f"\\{byte:03o}" for byte in data)
    yield "decimal numbers", ", ".join(map(str, data))
    yield "decimal entities", "".join(f"&#{byte};" for byte in data)
    yield "hex entities", "".join(f"&#x{byte:x};" for byte in data)
    yield "unicode escapes", "".join(f"\\u{byte:04x}" for byte in data)
    yield "unicode escapes, escaped", "".join(f"\\\\u{byte:04x}" for byte in data)
    yield "URL", quote(key, safe="")
    yield "URL, twice", quote(quote(key, safe=""), safe="")
    yield "URL, all of it", "".join(f"%{byte:02X}" for byte in data)
    yield "quoted-printable", "".join(f"={byte:02X}" for byte in data)
    yield "reversed", key[::-1]
    yield "spaced", " ".join(key)
    yield "upper case", key.upper()
    yield "rot13", codecs.encode(key, "rot13")
    yield "two strings", f'"{key[:20]}" + "{key[20:]}"'
    yield "coloured", f"\x1b[01;31m\x1b[K{key[:7]}\x1b[m\x1b[K{key[7:]}"
    yield "a diff", f"+{key[:10]}\n+{key[10:]}"
    yield "NUL between", "\0".join(key)
    yield "nothing visible between", "\u200b".join(key)
    yield "one letter escaped", f"{key[:5]}%{data[5]:02x}{key[6:]}"


@pytest.mark.parametrize("key", [KEY, ODD], ids=["known form", "no known form"])
@pytest.mark.parametrize("name", [name for name, _ in spellings(KEY)])
def test_a_spelling_is_cut_out_of_a_line_of_json_in_json_and_of_a_text(key: str, name: str) -> None:
    spelt = dict(spellings(key))[name]
    redactor = redactor_for(secrets=[key])
    for text in (f"pre {spelt} post", json.dumps({"a": f"pre {spelt} post"})):
        line = json.dumps({"type": "text", "text": text}).encode() + b"\n"
        redacted = json.loads(redactor.redact_bytes(line))["text"]
        assert "<redacted>" in redacted
        assert len(redacted) <= len("pre <redacted> post") + 60
        assert "<redacted>" in redactor.redact_text(text)


@pytest.mark.parametrize(
    "spelt",
    [
        base64.b64encode(base64.b64encode(base64.b64encode(KEY.encode()))).decode(),
        base64.b64encode(gzip.compress(KEY.encode())).decode(),
        KEY.encode("utf-16-le").hex(),
        base64.b64encode(f"x{KEY[::-1]}".encode()).decode(),
    ],
    ids=["base64, three times", "gzip", "utf-16", "reversed in base64"],
)
def test_what_cannot_be_cut_out_is_seen_by_the_lint(spelt: str) -> None:
    redactor = redactor_for(secrets=[KEY])
    line = json.dumps({"type": "text", "text": spelt}).encode() + b"\n"
    redacted = redactor.redact_bytes(b'{"type": "start"}\n' + line)
    assert [str(found) for found in suspicions(io.BytesIO(redacted), redactor)] == [
        "line 2: a secret of the environment, encoded"
    ]


@pytest.mark.parametrize("part", [KEY[:40] + "...", "..." + KEY[20:], ODD[:20] + "..."])
def test_half_a_secret_is_cut_too(part: str) -> None:
    redacted = redactor_for(secrets=[KEY, ODD]).redact_text(f"key: {part}")
    assert redacted.replace("...", "") == "key: <redacted>"


def test_keys_numbers_and_several_strings_are_cut() -> None:
    redactor = redactor_for(secrets=[ODD, "8675309867"])
    record = {ODD: 1, "codes": list(ODD.encode()), "letters": list(ODD), "number": 8675309867, "float": 1.5, "n": -3}
    redacted = json.loads(redactor.redact_bytes(json.dumps(record).encode()))
    assert redacted["<redacted>"] == 1
    assert set(redacted["codes"]) == {0}
    assert "".join(redacted["letters"]) == "<redacted>"
    assert (redacted["number"], redacted["float"], redacted["n"]) == (0, 1.5, -3)


def test_a_line_that_is_no_json_is_redacted_as_text() -> None:
    redactor = redactor_for(secrets=[ODD])
    lines = f'[INFO] {{"key": "{ODD}"}}\n{{"text": "cut off {ODD[:-4]}{ODD[-4:]}\nplain {ODD}\r\n'
    redacted = redactor.redact_bytes(lines.encode())
    assert redacted == b'[INFO] {"key": "<redacted>"}\n{"text": "cut off <redacted>\nplain <redacted>\r\n'


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    redactor = redactor_for(secrets=[ODD])
    assert (
        redactor.redact_bytes(b'\xff{"a": "\xfe"}\n' + ODD.encode() + b"\xfd") == b'\xff{"a": "\xfe"}\n<redacted>\xfd'
    )


def test_a_text_with_lone_surrogates_is_redacted_and_keeps_them() -> None:
    redactor = redactor_for(secrets=[ODD], workspaces=["/srv/some/app"], patterns=["CUST-[0-9]+"])
    assert (
        redactor.redact_text(f"\ud800 {ODD} \udc80 /srv/some/app CUST-1")
        == "\ud800 <redacted> \udc80 <workspace> <redacted>"
    )
    assert redactor.redact_text(f'{{"\ud800": "{ODD}"}}') == '{"\ud800": "<redacted>"}'


def claude_delta(text: str, index: int, parent: str | None = None) -> dict[str, object]:
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    uuid = f"{index:08x}-0000-4000-8000-000000000000"
    return {"type": "stream_event", "event": delta, "parent_tool_use_id": parent, "uuid": uuid}


def test_a_secret_in_deltas_of_one_character_is_cut_and_what_lies_between_stays() -> None:
    lines: list[dict[str, object]] = [{"type": "start"}]
    for index, char in enumerate(f"my {ODD} key"):
        lines += [claude_delta(char, index), {"type": "ping", "n": index}]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    redacted = redactor_for(secrets=[ODD]).redact_bytes(data)
    got = [json.loads(line) for line in redacted.splitlines()]
    assert "".join(line["event"]["delta"]["text"] for line in got if "event" in line) == "my <redacted> key"
    assert [line for line in got if "event" not in line] == [line for line in lines if "event" not in line]


def test_deltas_of_two_agents_at_once_are_two_texts() -> None:
    halves = [(ODD[:16], "a"), ("something else", "b"), (ODD[16:], "a")]
    lines = [claude_delta(text, index, parent) for index, (text, parent) in enumerate(halves)]
    redacted = redactor_for(secrets=[ODD]).redact_bytes("".join(json.dumps(line) + "\n" for line in lines).encode())
    texts = [json.loads(line)["event"]["delta"]["text"] for line in redacted.splitlines()]
    assert texts == ["<redacted>", "something else", ""]


def test_a_token_nobody_knows_is_found_in_deltas_too() -> None:
    lines = [claude_delta(text, index) for index, text in enumerate(["gh", "p_AbCdEf", "0123456789", "AbCdEf0123 ok"])]
    redacted = redactor_for().redact_bytes("".join(json.dumps(line) + "\n" for line in lines).encode())
    texts = [json.loads(line)["event"]["delta"]["text"] for line in redacted.splitlines()]
    assert texts == ["<redacted>", "", "", " ok"]


def test_a_secret_over_two_lines_of_a_log_is_cut_and_both_lines_stay() -> None:
    redacted = redactor_for(secrets=[ODD]).redact_bytes(f"log: {ODD[:9]}\n  {ODD[9:]} end\n".encode())
    assert redacted == b"log: <redacted>\n end\n"
    assert redactor_for(secrets=[ODD]).redact_text(f"+{ODD[:9]}\n+{ODD[9:]}\n") == "+<redacted>\n\n"


@pytest.mark.parametrize("size", [1, 7, 300, 5_000])
def test_a_file_is_redacted_the_same_in_whatever_parts_it_is_read(size: int) -> None:
    lines = [
        claude_delta(text, number) for number, text in enumerate([*"just text and ", *ODD, *" and ", ODD, *ODD[::-1]])
    ]
    data = "".join(json.dumps(line) + "\n" for line in lines * 4).encode() + b"last " + ODD.encode()
    redactor = redactor_for(secrets=[ODD])
    all_lines = io.BytesIO(data).readlines()
    parts = [all_lines[start : start + size] for start in range(0, len(all_lines), size)]
    assert b"".join(redactor.redact_lines(parts)) == redactor.redact_bytes(data)
    target = io.BytesIO()
    redactor.redact_file(io.BytesIO(data), target)
    assert target.getvalue() == redactor.redact_bytes(data)


def test_a_very_long_line_is_redacted_in_windows() -> None:
    filler = json.dumps("line of a log\n" * 60_000)[1:-1]
    line = f'{{"text": "{filler}{ODD}{filler}{ODD}"}}\n'.encode()
    redacted = redactor_for(secrets=[ODD]).redact_bytes(line)
    assert redacted == line.replace(ODD.encode(), b"<redacted>")


def test_a_line_too_long_to_be_held_is_dropped_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.model.limits.LINE_BYTES", 1_000)
    monkeypatch.setattr("pytest_subagents.model.limits.READ_BYTES", 100)
    source, target = io.BytesIO(b'{"a": 1}\n' + b"x" * 5_000 + b'\n{"b": 2}\n'), io.BytesIO()
    redactor_for().redact_file(source, target)
    assert target.getvalue() == b'{"a": 1}\n<redacted>\n{"b": 2}\n'
    source.seek(0)
    assert [found.line for found in suspicions(source, redactor_for())] == [2]
