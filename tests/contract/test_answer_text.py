"""The text of a final message is exactly one JSON value, or a reason says why not and where."""

from __future__ import annotations

import json

import pytest
from contract_case import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.contract.answer_text import Parsed, parse
from pytest_subagents.model import limits
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Extract

EXTRACTS: tuple[Extract, ...] = ("strict", "fenced")


def value_of(text: str, extract: Extract = "strict") -> object:
    parsed = parse(text, extract)
    assert isinstance(parsed, Parsed), parsed
    return parsed.value


def reason_of(text: str | None, extract: Extract = "strict") -> Reason:
    parsed = parse(text, extract)
    assert isinstance(parsed, Reason), parsed
    return parsed


@pytest.mark.parametrize("extract", EXTRACTS)
@pytest.mark.parametrize(
    "text", ['{"a": 1}', ' \t\r\n[1, "x", null]\n', '"x"', "0", "-1.5e3", "true", "null", '"\\ud83d\\ude00"']
)
def test_one_value_with_blanks_around_it_is_taken(text: str, extract: Extract) -> None:
    assert value_of(text, extract) == json.loads(text)


@pytest.mark.parametrize("text", [None, "", " \n\t", "\u00a0\u2028"])
def test_nothing_is_no_message(text: str | None) -> None:
    assert reason_of(text).kind == "no_message"


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("I am done.", "no JSON value but 'I am done.' at line 1, column 1", None),
        ('\n\n  Here: {"a": 1}', "no JSON value but 'Here: {\"a\": 1}' at line 3, column 3", None),
        ('{"a": 1}\n\nHope this helps', "trailing text after the value: 'Hope this helps' at line 3, column 1", None),
        ('{"a": 1}{"b": 2}', "trailing text after the value: '{\"b\": 2}' at line 1, column 9", None),
        ('{"a": [1,', "cut off before the value is complete, at line 1, column 10", None),
        ('{"a": "some te', "cut off inside the string that starts at line 1, column 7", None),
        ('{"a": 1,}', "enclosed in double quotes, found '}', at line 1, column 9", None),
        ("{'a': 1}", "found \"'a': 1}\", at line 1, column 2", None),
        ('{"a": "\x01"}', "invalid control character, found '\\x01\"}', at line 1, column 8", None),
        ('{"a": 1, "b": 2, "a": 3}', "the duplicate key 'a' at line 1, column 18", "/a"),
        ('{"a": 1, "\\u0061": 3}', "the duplicate key 'a' at line 1, column 10", "/a"),
        ('{"x": [{}, {"~/": 1,\n"~/": 2}]}', "the duplicate key '~/' at line 2, column 1", "/x/1/~0~1"),
        ("[1, NaN]", "NaN, which is no JSON number, at line 1, column 5", "/1"),
        ('{"a": -Infinity}', "-Infinity, which is no JSON number, at line 1, column 7", "/a"),
        ('{"a": [0, 1e400]}', "the number 1e400, beyond every double, at line 1, column 11", "/a/1"),
        ("-1E999999999", "the number -1E999999999, beyond every double,", None),
        ("9223372036854775808", "of 19 digits, beyond ±9223372036854775807,", None),
        ("[-9223372036854775808]", "of 19 digits, beyond ±9223372036854775807,", "/0"),
        ('{"n": ' + "9" * 5000 + "}", "of 5,000 digits, beyond ±9223372036854775807,", "/n"),
        ('["\\ud800"]', "a lone surrogate in a string at line 1, column 2", "/0"),
        ('{"\\udc00x": 1}', "a lone surrogate in a string at line 1, column 2", None),
        ('["a\ud800"]', "the lone surrogate '\\ud800' at line 1, column 4", None),
        ("\ufeff{}", "a byte order mark before the value at line 1, column 1", None),
        ("\u00a0{}", "no JSON value but '\\xa0{}' at line 1, column 1", None),
        ("[" * 101 + "]" * 101, "nested deeper than 100 levels", None),
        ("[" * 100_000, "nested deeper than 100 levels", None),
        ('{"a":' * 100_000, "nested deeper than 100 levels", None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str, at: str | None) -> None:
    reason = reason_of(text)
    assert reason.kind == "not_json"
    assert message in reason.message
    assert reason.at == at
    assert reason.hint is not None
    assert len(reason.message) <= limits.MESSAGE_CHARS


def test_the_outermost_numbers_and_levels_that_are_taken() -> None:
    assert value_of(f"[{limits.INTEGER_MAX}, -{limits.INTEGER_MAX}]") == [limits.INTEGER_MAX, -limits.INTEGER_MAX]
    assert value_of("[1.7976931348623157e308, 1e-400]") == [1.7976931348623157e308, 0.0]
    assert value_of("[" * 100 + "]" * 100)
    assert value_of('["' + "[" * 500 + '"]') == ["[" * 500]


def test_size_is_counted_in_bytes() -> None:
    half = "é" * (limits.ANSWER_BYTES // 2 - 1)
    assert value_of(f'"{half}"') == half
    assert "larger than 4,194,304 bytes" in reason_of(f'"{half}é"').message
    assert "larger than" in reason_of(" " * (limits.ANSWER_BYTES + 1) + "1").message


@pytest.mark.parametrize(
    "name", ["bom-nul-ctrl", "deep-2000", "digits-200k", "duplicate-keys-escaped", "float-bomb", "huge-int-5000", "nan"]
)
def test_hostile_texts_are_not_json(name: str) -> None:
    text = (HOSTILE / "json" / f"{name}.json").read_text(encoding="utf-8")
    reason = reason_of(text)
    assert reason.kind == "not_json"
    assert "number" in reason.message or name in ("bom-nul-ctrl", "deep-2000", "duplicate-keys-escaped")


BLOCK = '```json\n{"a": 1}\n```'


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        '```\n{"a": 1}\n```',
        '~~~ JSON\n{"a":\n1}\n~~~',
        "I found this:\n\n" + BLOCK + "\n\nHope this helps.",
        '````json title="x"\n{"a": 1}\n````',
        '   ```json\r\n{"a": 1}\r\n   ```\r\n',
        "A span ```json {} ``` first\n" + BLOCK,
        '{"a": 1}',
    ],
)
def test_fenced_takes_the_one_block(text: str) -> None:
    assert value_of(text, "fenced") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BLOCK + "\n" + BLOCK, "a second fenced block at line 5, column 1"),
        ("```sh\nls\n```\n" + BLOCK, "a second fenced block"),
        ("```python\n1\n```", "a fenced block of 'python' instead of JSON"),
        ('```json\n{"a": 1}', "a fenced block that is not closed"),
        ('prose\n```json\n{"a": 1,\n "a": 2}\n```', "the duplicate key 'a' at line 4, column 2"),
        ("prose", "no JSON value but 'prose'"),
        ("```json\n```", "nothing where the value should be at line 2"),
        ('```json {"a": 1} ```', "no JSON value but"),
    ],
)
def test_fenced_refuses_what_is_not_one_block_of_one_value(text: str, message: str) -> None:
    reason = reason_of(text, "fenced")
    assert reason.kind == "not_json"
    assert message in reason.message
    assert reason.hint is not None


def test_the_hint_names_the_opt_in_only_where_it_would_help() -> None:
    opt_in = "`contract: {extract: fenced}`"
    assert opt_in in str(reason_of("Here you are:\n" + BLOCK).hint)
    for text in ("prose", "```json\n{,}\n```", BLOCK + "\n" + BLOCK, BLOCK + "\n```"):
        assert opt_in not in str(reason_of(text).hint)


def test_a_fence_with_megabytes_of_blanks_is_read_once() -> None:
    text = "```" + " " * 2_000_000 + "x`"
    assert reason_of(text, "fenced").kind == "not_json"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.text() | st.text('{}[]",:\\u0123dDeE+-.naNI \n`'), st.sampled_from(EXTRACTS))
def test_any_text_is_parsed_or_refused(text: str, extract: Extract) -> None:
    match parse(text, extract):
        case Reason() as reason:
            assert reason.kind in ("no_message", "not_json")
            f"{reason.message}{reason.at}{reason.hint}".encode()
        case Parsed(value=value):
            json.dumps(value, allow_nan=False).encode()


@given(JSON_VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_every_value_comes_through_unchanged(value: object, ascii_only: bool, indent: int | None) -> None:
    assert value_of(json.dumps(value, ensure_ascii=ascii_only, indent=indent)) == value


@given(JSON_VALUES, st.integers(0, 200), st.text(max_size=3))
def test_a_damaged_text_is_parsed_or_refused(value: object, position: int, inserted: str) -> None:
    text = json.dumps(value)
    damaged = text[:position] + inserted + text[position + 1 :]
    assert isinstance(parse(damaged, "strict"), Parsed | Reason)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 9), min_size=1, max_size=5), st.data())
def test_a_repeated_key_is_found_wherever_it_stands(pairs: dict[str, int], data: st.DataObject) -> None:
    repeated = data.draw(st.sampled_from(sorted(pairs)))
    written = [f"{json.dumps(key)}: {value}" for key, value in pairs.items()]
    spelt = "".join(f"\\u{ord(char):04x}" for char in repeated if ord(char) < 0x10000)
    if len(spelt) != 6 * len(repeated) or any("\ud800" <= char <= "\udfff" for char in repeated):
        spelt = json.dumps(repeated)[1:-1]
    text = "{" + ", ".join([*written, f'"{spelt}": 0']) + "}"
    reason = reason_of(f"[{text}]")
    assert "duplicate key" in reason.message
    assert reason.at == "/0/" + repeated.replace("~", "~0").replace("/", "~1")
