"""Ids and the file names made from them."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.model.ids import clash_of, file_name, problem_of

HOSTILE: list[str] = json.loads((Path(__file__).parents[1] / "data/hostile/names/ids.json").read_text(encoding="utf-8"))
GOOD_AMONG_HOSTILE = {"café", "A", "a", "ß", "ss", "İ", "i", "x/1", "fix", "fix/1"}


@pytest.mark.parametrize(
    "id", ["math", "fix-auth", "a.b_c-d", "Fix", "0", "packages/math", "prüfung", "数学/テスト", "a..b"]
)
def test_good_ids(id: str) -> None:
    assert problem_of(id) is None


@pytest.mark.parametrize(
    ("id", "problem"),
    [
        ("", "is empty"),
        ("/a", "has an empty part"),
        ("a/", "has an empty part"),
        ("a//b", "has an empty part"),
        (".", "has the part '.'"),
        ("a/../b", "has the part '..'"),
        (".git", "has a part that begins with '.'"),
        ("-rf", "has a part that begins with '-'"),
        ("a/-b", "has a part that begins with '-'"),
        ("a.", "has a part that ends in '.'"),
        ("CON", "has the part 'CON', a name that Windows reserves"),
        ("x/nul.txt", "has the part 'nul.txt', a name that Windows reserves"),
        ("lpt9", "has the part 'lpt9', a name that Windows reserves"),
        ("a.jsonl", "has the part 'a.jsonl', which ends like a file of a recording"),
        ("fix.meta", "has the part 'fix.meta', which ends like a file of a recording"),
        ("fix.META.json/x", "has the part 'fix.META.json', which ends like a file of a recording"),
        ("fix.patch", "has the part 'fix.patch', which ends like a file of a recording"),
        ("latest", "is a reserved name"),
        ("Latest", "is a reserved name"),
        ("cafe\u0301", "is not in Unicode's normal form NFC"),
        ("a/\u20dd", "has a part that begins with a combining mark"),
        ("x" * 121, "has a part of 121 bytes, more than 120"),
        ("é" * 61, "has a part of 122 bytes, more than 120"),
        ("a/" * 200 + "b", "has 401 bytes, more than 400"),
    ],
)
def test_what_is_wrong_with_an_id(id: str, problem: str) -> None:
    assert problem_of(id) == problem


@pytest.mark.parametrize(
    "char",
    [" ", "\t", "\n", "\x00", "\x1b", "\x7f", "\x85", "\xa0", ":", "[", "]", "\\", "*", "?", "~", "$", "%", "@", "²",
     "\u200b", "\u202e", "\u2066", "\ufeff", "\u2028", "\u00ad", "\u3164", "\uffa0", "\u115f", "\ufe0f", "\U000e0101",
     "\ud800", "\uff0e", "\uff0f", "\u2025", "💥"],
)  # fmt: skip
def test_only_letters_digits_and_four_signs_stand_in_an_id(char: str) -> None:
    words = f"has {char!a}, which is neither a letter nor a digit nor one of '.', '_', '-', '/'"
    assert problem_of(f"a{char}b") == words


@pytest.mark.parametrize("id", HOSTILE, ids=ascii)
def test_hostile_ids(id: str) -> None:
    assert (problem_of(id) is None) == (id in GOOD_AMONG_HOSTILE)


@given(st.text(max_size=500))
def test_any_text_is_an_id_or_not(text: str) -> None:
    problem = problem_of(text)
    assert problem is None or problem.isprintable()


@given(st.text(st.characters(categories=["L", "M", "Nd", "Pd", "Po", "Pc", "Cf"]), max_size=40))
def test_a_good_id_is_its_own_path_below_a_folder(text: str) -> None:
    if problem_of(text) is None:
        assert PurePosixPath(text).parts == tuple(text.split("/"))
        assert unicodedata.normalize("NFC", text) == text


def test_clashes_are_ids_that_some_file_systems_take_for_the_same() -> None:
    assert clash_of(["a", "b", "A"]) == ("a", "A")
    assert clash_of(["café", "CAFE\u0301"]) == ("café", "CAFE\u0301")
    assert clash_of(["straße", "STRASSE"]) == ("straße", "STRASSE")
    assert clash_of(["a", "b", "a/b", "ab"]) is None
    assert clash_of([]) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("math", "math"),
        ("fix-auth", "fix-auth"),
        ("packages/math", "packages/math"),
        ("Fix", "Fix"),
        ("prüfung", "prüfung"),
        ("test_review[math]", "test_review[math]"),
        ("TestMore.test_review[packages/math]", "TestMore.test_review[packages%2fmath]"),
        ("tests/test_x.py::test_a[b]", "tests/test_x.py%3a%3atest_a[b]"),
        ("fix/1", "fix/1@"),
        ("1", "1"),
        ("a.jsonl", "a.jsonl@"),
        ("../../escape", "%2e%2e/%2e%2e/escape"),
        ("/abs", "@/abs"),
        ("", "@"),
        ("con", "%63on"),
        ("a@", "a%40"),
        ("100%", "100%25"),
        ("cafe\u0301", "cafe%cc%81"),
        ("a\u202eb", "a%e2%80%aeb"),
        ("\ud800", "%ed%a0%80"),
        ("a b.", "a%20b%2e"),
    ],
)
def test_file_names(text: str, name: str) -> None:
    assert file_name(text) == name


def test_what_is_too_long_is_cut_and_digested() -> None:
    long = file_name("x" * 500)
    assert long == "x" * 166 + "@@" + hashlib.sha256(b"x" * 500).hexdigest()[:32]
    assert len(long) == limits.FILE_NAME_BYTES
    assert long != file_name("x" * 501)
    assert "/" not in file_name("a/" * 5000)
    assert len(file_name("ü" * 300).encode()) <= limits.FILE_NAME_BYTES


texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="aA1/.[]%@-ü\u0301 :\\", max_size=12),
    st.sampled_from(HOSTILE),
    st.builds(lambda text, count: text * count, st.text(min_size=1, max_size=5), st.integers(1, 300)),
    st.text(st.characters(categories=["Cs", "L"]), max_size=5),
)


@given(texts)
@example("a" * 1001)
@example("a/" * 600)
def test_a_file_name_stays_in_its_folder_and_can_be_a_name_everywhere(text: str) -> None:
    path = PurePosixPath(file_name(text))
    assert not path.is_absolute()
    assert str(path) == file_name(text)
    for name in path.parts:
        assert name not in (".", "..")
        assert len(name.encode()) <= limits.FILE_NAME_BYTES
        assert not name.startswith((".", "-"))
        assert not name.endswith((".", " "))
        assert not set(name) & set('<>:"|?*\\ ')
        assert name.isprintable()


@given(st.lists(texts, unique=True, max_size=8))
@example(["a/b", "a%2fb", "a@", "a", "1", "@", "", "/", "[a/b]", "[a%2fb]"])
@example(HOSTILE)
def test_no_two_texts_meet_also_where_unicode_is_normalised(distinct: list[str]) -> None:
    names = [unicodedata.normalize("NFC", file_name(text)) for text in distinct]
    assert not [name for name, count in Counter(names).items() if count > 1]


@given(st.lists(texts, unique=True, max_size=8))
def test_what_meets_where_case_is_passed_over_is_a_clash(distinct: list[str]) -> None:
    def folded(text: str) -> str:
        return unicodedata.normalize("NFC", text).casefold()

    if clash_of(distinct) is None:
        assert len({folded(file_name(text)) for text in distinct}) == len(distinct)


@given(st.lists(texts, unique=True, max_size=5))
@example(["fix", "fix/1", "fix.meta", "fix/1.meta", "1", "fix.jsonl", "fix.jsonl/1"])
def test_the_files_of_one_text_are_never_those_of_another(distinct: list[str]) -> None:
    """Recordings with their neighbours, and those of attempts; a folder is no file either."""
    files: list[str] = []
    folders: set[str] = set()
    for text in distinct:
        name = file_name(text)
        own = [
            f"{stem}{suffix}"
            for stem in (name, f"{name}/1", f"{name}/2")
            for suffix in (".jsonl", ".meta.json", ".patch")
        ]
        files += own
        folders |= {str(parent) for file in own for parent in PurePosixPath(file).parents}
    assert len(set(files)) == len(files)
    assert not folders & set(files)
