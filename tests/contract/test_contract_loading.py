"""A contract is loaded once, checked whole, and every mistake in it is told with file, line and pointer."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from contract_case import DRAFT_7, DRAFT_2020_12, accepted, contract_in, contract_of, told

from pytest_subagents.contract.loading import Contracts, built_in_names, load_contract
from pytest_subagents.contract.reference import check_schema
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.spec import RESULT, ContractRef, FieldMap

Files = dict[str, Any]


def write(folder: Path, files: Files) -> Path:
    """Writes files as JSON (or as they are, if text); gives the first one's path."""
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1), encoding="utf-8")
    return folder / next(iter(files))


def fault_of(folder: Path, files: Files) -> str:
    path = write(folder, files)
    with pytest.raises(BadUsage) as caught:
        contract_in(path)
    return str(caught.value).replace(str(folder), "")


def test_built_in_contracts_pass_the_checks_that_loading_them_leaves_out() -> None:
    assert built_in_names() == ("result",)
    for name in built_in_names():
        contract = load_contract(ContractRef(name=name))
        again = contract_of(contract.schema)
        assert check_schema(contract.schema, contract.judge._draft) is None
        assert (contract.guarded, contract.work, contract.warnings) == (again.guarded, again.work, again.warnings)
        assert contract.guarded
        assert not contract.warnings


def test_an_unknown_name_comes_with_the_known_ones() -> None:
    with pytest.raises(BadUsage, match=r"subagents.yaml:4: there is no contract 'reslut'\n  hint: built in: 'result'"):
        load_contract(ContractRef(name="reslut", where="subagents.yaml:4"))


def test_a_mistake_is_told_with_file_line_pointer_and_the_place_that_names_the_contract(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a/b": {"type": "strin"}}}
    assert fault_of(tmp_path, {"c.json": schema}) == (
        "/c.json:5: /properties/a~1b/type: not a JSON Schema of 2020-12: 'strin' is not one of 'array', 'boolean', "
        "'integer', 'null', 'number', 'object', 'string'\n  hint: the contract is named at subagents.yaml:4"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not exactly one JSON value: nothing where the value should be"),
        ("[1, 2]", "a contract is a JSON Schema, an object, not an array"),
        ("true", "a contract is a JSON Schema, an object, not true or false"),
        ('"x"', "an object, not a string"),
        ('{"type": "object",}', "/c.json:1: not exactly one JSON value: "),
        ('{"a": 1, "a": 2}', "the duplicate key 'a'"),
        ('{"const": NaN}', "NaN, which is no JSON number"),
        ('{"const": ' + "9" * 30 + "}", "of 30 digits, beyond"),
        ('{"not":' * 70 + "{}" + "}" * 70, "nested deeper than 64 levels"),
        ('{"title": "' + "x" * limits.CONTRACT_BYTES + '"}', "is larger than 262,144 bytes"),
        ("\ufeff{}", "byte order mark"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "json-schema.org/draft-03/schema#' is no draft"),
        ({"$schema": 4}, "/$schema: 4 is no draft"),
        ({"properties": {"a": {"$schema": DRAFT_7}}}, "is not the draft of the contract"),
        ({"properties": []}, "/properties: 'properties' cannot be an array"),
        ({"items": [{}]}, "/items: a schema is an object or true or false, not an array"),
        ({"allOf": [{}, 3]}, "/allOf/1: a schema is an object or true or false, not a number"),
        ({"required": "a"}, "/required: not a JSON Schema of 2020-12: 'a' is not of type 'array'"),
        ({"multipleOf": 0}, "/multipleOf: not a JSON Schema of 2020-12: 0 is not greater than 0"),
        ({"minLength": -1}, "/minLength: not a JSON Schema"),
        ({"pattern": "["}, "/pattern: '[' is no regular expression: unterminated character set"),
        ({"patternProperties": {"(": {}}}, "/patternProperties/(: '(' is no regular expression"),
        ({"pattern": "\\p{L}"}, "/pattern: '\\\\p{L}' is no regular expression: bad escape"),
        ({"pattern": "a\\Z"}, "not a JSON Schema of 2020-12: "),
        ({"$ref": 3}, "/$ref: '$ref' is a string, not a number"),
        ({"$schema": DRAFT_7, "items": True, "additionalItems": True}, "jsonschema cannot judge by this schema: "),
    ],
)
def test_what_is_no_contract_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    assert message in fault_of(tmp_path, {"c.json": content})


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe9"}')
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    (tmp_path / "loop.json").symlink_to("loop.json")
    for name, message in {
        "missing.json": "cannot be read: no such file or directory",
        "folder.json": "is not a regular file",
        "latin.json": "is not UTF-8 (byte 11)",
        "pipe.json": "is not a regular file",
        "device.json": "is not a regular file",
        "loop.json": "cannot be read: too many levels of symbolic links",
        "contract.yaml": "a contract file is named *.json",
        "nul\0.json": "cannot be read",
    }.items():
        with pytest.raises(BadUsage) as caught:
            contract_in(tmp_path / name)
        assert str(caught.value).startswith("subagents.yaml:4: ")
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ([1], "contract: a contract is a JSON Schema"),
        (None, "contract: a contract is a JSON Schema, an object, not null"),
        ({"enum": [{1, 2}]}, "/enum/0: a set cannot stand in a JSON Schema"),
        ({"enum": [float("nan")]}, "/enum/0: a number beyond the range"),
        ({"const": 2**64}, "/const: a number beyond the range"),
        ({1: {}}, "the schema: a dict cannot stand"),
        ({"title": "\ud800"}, "/title: a lone surrogate"),
        ({"$ref": "other.json"}, "/$ref: 'other.json' leads out of the contract"),
    ],
)
def test_a_schema_given_in_python_is_held_to_the_same(schema: Any, message: str) -> None:
    with pytest.raises(BadUsage) as caught:
        contract_of(schema)
    assert message in str(caught.value)


def test_a_schema_given_in_python_may_not_be_endless() -> None:
    circle: dict[str, Any] = {}
    circle["not"] = circle
    with pytest.raises(BadUsage, match="nested deeper than 64 levels"):
        contract_of(circle)
    bomb: dict[str, Any] = {"type": "null"}
    for _ in range(40):
        bomb = {"anyOf": [bomb, bomb]}
    with pytest.raises(BadUsage, match=r"larger than 262,144 bytes|nested deeper"):
        contract_of(bomb)


def test_python_tuples_and_later_changes(tmp_path: Path) -> None:
    schema: dict[str, Any] = {"enum": ("a", "b")}
    contract = contract_of(schema)
    schema["enum"] = ("c",)
    assert accepted(contract, "a").value == "a"


def test_neighbours_are_loaded_from_the_folder_and_below(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "c.json": {
                "type": "object",
                "properties": {"x": {"$ref": "parts/x.json"}, "y": {"$ref": "./parts/x.json#/$defs/y"}},
            },
            "parts/x.json": {"$defs": {"y": {"type": "integer"}}, "items": {"$ref": "../ü%20z.json#deep"}},
            "ü z.json": {"$defs": {"q": {"$anchor": "deep", "anyOf": [{"$ref": "c.json"}, {"type": "null"}]}}},
        },
    )
    contract = contract_in(path)
    assert contract.guarded
    assert accepted(contract, {"x": [None, {"x": []}], "y": 3}).value
    assert told(contract, {"x": [{"x": [{"y": "4"}]}], "y": "3"}) == [
        ("/x/0/x/0/y", "'4' is not of type 'integer'"),
        ("/y", "'3' is not of type 'integer'"),
    ]


def test_a_mistake_in_a_neighbour_is_told_with_its_own_name(tmp_path: Path) -> None:
    files = {"c.json": {"$ref": "n.json"}, "n.json": '{\n"minimum":\n"x"}'}
    assert fault_of(tmp_path, files).startswith("/n.json:2: /minimum: not a JSON Schema of 2020-12: 'x' is not of type")
    assert "/c.json:2: file '/gone.json' cannot be read" in fault_of(tmp_path, {"c.json": {"$ref": "gone.json"}})
    assert "/n.json:1: not exactly one JSON value" in fault_of(
        tmp_path, {"c.json": {"$ref": "n.json"}, "n.json": "nope"}
    )


def test_neighbours_have_a_limit(tmp_path: Path) -> None:
    count = limits.CONTRACT_FILES + 1
    files = {f"n{number}.json": {"properties": {"x": {"$ref": f"n{number + 1}.json"}}} for number in range(count)}
    assert "more than 64 files in one contract" in fault_of(tmp_path, files)


def test_a_link_may_lead_elsewhere_in_the_folder_but_not_out_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    write(tmp_path, {"secret.json": {"const": "s3cr3t"}, "contracts/real.json": {"type": "null"}})
    (folder / "inside.json").symlink_to("real.json")
    (folder / "outside.json").symlink_to("../secret.json")
    (folder / "up").symlink_to("..")
    assert accepted(contract_in(write(folder, {"c.json": {"$ref": "inside.json"}})), None).value is None
    for reference in ("outside.json", "up/secret.json"):
        assert "is a link that leaves the folder of the contract" in fault_of(folder, {"c.json": {"$ref": reference}})


def test_a_keyword_of_another_draft_is_a_warning_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "c.json": {
                "$schema": DRAFT_7,
                "properties": {"prefixItems": True, "a": {"prefixItems": [{}], "minContains": 1}},
            }
        },
    )
    assert [warning.replace(str(tmp_path), "") for warning in contract_in(path).warnings] == [
        f"/c.json:{line}: /properties/a/{word}: {word!r} is a keyword of another draft and means nothing in draft-07"
        for line, word in ((6, "prefixItems"), (9, "minContains"))
    ]
    assert contract_of({"dependencies": {"a": ["b"]}}).warnings
    assert not contract_of({"$schema": DRAFT_2020_12, "$defs": {}, "definitions": {}}).warnings


def test_the_digest_is_of_what_the_contract_says(tmp_path: Path) -> None:
    one, two = {"type": "object", "$ref": "n.json"}, {"$ref": "n.json", "type": "object"}
    neighbour = {"required": ["a"]}
    here = contract_in(write(tmp_path / "here", {"c.json": one, "n.json": neighbour})).digest
    there = contract_in(write(tmp_path / "there", {"c.json": two, "n.json": neighbour})).digest
    other = contract_in(write(tmp_path / "other", {"c.json": one, "n.json": {"required": ["b"]}})).digest
    assert here == there != other
    schema = {"type": "object"}
    digests = {
        contract_of(schema).digest,
        contract_of(schema, map=FieldMap()).digest,
        contract_of(schema, map=FieldMap(success=(True,))).digest,
        contract_of(schema, map=FieldMap(severities={"0": "high"})).digest,
        contract_of(schema, extract="fenced").digest,
    }
    assert len(digests) == 5
    assert contract_of(schema, map=FieldMap(severities={"0": "high", "1": "low"})).digest == (
        contract_of(schema, map=FieldMap(severities={"1": "low", "0": "high"})).digest
    )


def test_a_contract_is_loaded_once_for_all_who_name_it(tmp_path: Path) -> None:
    path = PurePosixPath(write(tmp_path, {"c.json": {"type": "object"}}))
    schema: dict[str, Any] = {"type": "object"}
    contracts = Contracts()
    assert contracts.get(RESULT) is contracts.get(ContractRef(name="result", where="elsewhere"))
    assert contracts.get(ContractRef(path=path)) is contracts.get(ContractRef(path=path, where="x:1"))
    assert contracts.get(ContractRef(schema=schema)) is contracts.get(ContractRef(schema={"type": "object"}))
    assert contracts.get(ContractRef(schema=schema, map=FieldMap())) is contracts.get(
        ContractRef(schema=schema, map=FieldMap())
    )
    different = {
        id(contracts.get(ref))
        for ref in (
            ContractRef(schema=schema),
            ContractRef(schema={"type": "array"}),
            ContractRef(schema=schema, map=FieldMap(detail="/body")),
            ContractRef(schema=schema, extract="fenced"),
            ContractRef(path=path),
            RESULT,
        )
    }
    assert len(different) == 6


def test_contracts_named_by_short_lived_values_are_not_mixed_up() -> None:
    contracts = Contracts()
    for number in range(200):
        assert contracts.get(ContractRef(schema={"const": number})).schema == {"const": number}


def test_the_name_is_for_people(tmp_path: Path) -> None:
    assert load_contract(RESULT).name == "result"
    assert contract_in(write(tmp_path, {"review.json": {"title": "x"}})).name == "review.json"
    assert contract_of({"title": "Review"}).name == "Review"
    assert contract_of({}).name == "schema"
