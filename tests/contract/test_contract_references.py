"""References are resolved by us, before anything is judged; none leads out of the contract's folder."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract_case import DRAFT_7, accepted, contract_in, contract_of, told, verdict_on

from pytest_subagents.errors import BadUsage


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A loopback server that would answer; its address and the requests that came."""
    requests: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", requests
        running.shutdown()
        thread.join()


SHAPES: list[Any] = [
    {"$ref": "URL/a.json"},
    {"properties": {"a": {"not": {"$ref": "URL/a.json"}}}},
    {"$defs": {"unused": {"items": {"$ref": "URL/a.json#/x"}}}},
    {"if": {"$ref": "URL/a"}, "then": False},
    {"$id": "URL/folder/", "$ref": "a.json"},
    {"$id": "URL/folder/", "properties": {"a": {"$ref": "/b"}}},
    {"$defs": {"inner": {"$id": "URL/x/", "properties": {"a": {"$ref": "y"}}}}},
    {"$ref": "#/x-odd/place", "x-odd": {"place": {"properties": {"a": {"$ref": "URL/a"}}}}},
    {"x-odd": [{"$ref": "URL/a"}]},
    {"$dynamicRef": "URL/a#meta"},
    {"contentSchema": {"$ref": "URL/a"}},
    {"$schema": "URL/draft"},
    {"properties": {"a": {"$schema": "URL/draft"}}},
    {"$defs": {"a": {"$id": "URL/q", "$schema": "URL/draft"}}},
    {"$schema": DRAFT_7, "definitions": {"a": {"$ref": "URL/a"}}},
    {"$schema": DRAFT_7, "$ref": "#/definitions/a", "definitions": {"a": {}}, "allOf": [{"$ref": "URL/a"}]},
    {"$schema": DRAFT_7, "dependencies": {"a": {"$ref": "URL/a"}}},
    {"$schema": DRAFT_7, "$dynamicRef": "URL/a"},
    {"$ref": "//HOST/a.json"},
    {"$ref": "HTTP:URL/a"},
    {"$ref": "file://HOST/etc/passwd"},
    {"$ref": "ftp://HOST/a"},
    {"$ref": "data:application/json,{}"},
    {"$ref": "urn:x:y"},
    {"$ref": "https://json-schema.org/draft/2020-12/schema"},
]


@pytest.mark.parametrize("shape", SHAPES, ids=json.dumps)
@pytest.mark.parametrize("in_file", [True, False])
def test_no_address_is_fetched_or_taken(
    shape: Any, in_file: bool, server: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, requests = server
    schema = json.loads(
        json.dumps(shape).replace("HTTP:URL", "HTTP:" + url[5:]).replace("URL", url).replace("HOST", url[7:])
    )
    path = tmp_path / "c.json"
    path.write_text(json.dumps(schema))
    with pytest.raises(BadUsage, match=r"leads out|is no draft|is not the draft"):
        contract_in(path) if in_file else contract_of(schema)
    assert requests == []


HARMLESS: list[Any] = [
    {"const": {"$ref": "URL/a"}},
    {"enum": [{"$ref": "URL/a", "$schema": "URL/b", "$id": "URL/c"}]},
    {"default": {"$ref": "URL/a"}, "examples": [{"$ref": "URL/b"}]},
    {"properties": {"$ref": {"type": "string"}, "$id": {"const": "URL"}, "$schema": {}}},
    {
        "$id": "URL/review.json",
        "properties": {"a": {"$ref": "#/$defs/x"}},
        "$defs": {"x": {"$id": "x", "type": "null"}},
    },
    {"$id": "URL/review.json", "$ref": "URL/review.json#/$defs/x", "$defs": {"x": {}}},
    {"$vocabulary": {"URL/v": True}},
]


@pytest.mark.parametrize("shape", HARMLESS, ids=json.dumps)
def test_addresses_that_are_only_names_or_values_are_left_alone(shape: Any, server: tuple[str, list[str]]) -> None:
    url, requests = server
    contract = contract_of(json.loads(json.dumps(shape).replace("URL", url)))
    answers: list[Any] = [{}, {"a": None, "$ref": "x", "$id": "URL"}, {"$ref": f"{url}/a"}]
    for answer in answers:
        verdict_on(contract, answer)
        contract.accepts(answer)
        contract.judge.reference.judge(answer)
    assert requests == []


def fault(folder: Path, schema: Any) -> str:
    path = folder / "c.json"
    path.write_text(json.dumps(schema))
    with pytest.raises(BadUsage) as caught:
        contract_in(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.json",
        "..%2fsecret.json",
        "%2e%2e/secret.json",
        "a/../../secret.json",
        "a/%2E%2e/%2e%2e/secret.json",
        "/secret.json",
        "/etc/passwd.json",
        "file:///etc/passwd.json",
        "file:/etc/passwd.json",
        "file:etc/../../passwd.json",
        "FILE:///etc/passwd.json",
        "//localhost/etc/passwd.json",
        "file://localhost/etc/passwd.json",
        "c.json/../../secret.json",
        ".",
        "./",
        "..",
        "?x",
        "c.json?x",
        "secret.json%00.json",
        "..\\secret.json",
        "%ff.json",
        "http://[::1",
        "\tsecret.json",
    ],
)
def test_a_reference_that_leaves_the_folder_is_refused(reference: str, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"const": "s3cr3t"}')
    folder = tmp_path / "contracts"
    folder.mkdir()
    schemas: list[Any] = [
        {"properties": {"a": {"$ref": reference}}},
        {"$id": "sub/", "$defs": {"x": {"not": {"$ref": f"../{reference}"}}}},
    ]
    for schema in schemas:
        message = fault(folder, schema)
        assert "s3cr3t" not in message


def test_a_base_by_id_is_joined_before_it_is_judged(tmp_path: Path) -> None:
    folder = tmp_path / "contracts"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "x.json").write_text('{"type": "null"}')
    (tmp_path / "x.json").write_text('{"const": "s3cr3t"}')
    assert "leads out" in fault(folder, {"$id": tmp_path.as_uri() + "/", "$ref": "x.json"})
    assert "leads out" in fault(folder, {"$id": "..", "$ref": "x.json"})
    for base in ("sub/", folder.as_uri() + "/sub/y.json"):
        (folder / "c.json").write_text(json.dumps({"$id": base, "$ref": "x.json"}))
        assert accepted(contract_in(folder / "c.json"), None).value is None


NULL = {"type": "null"}
BOTH = {
    "$dynamicRef": "#n",
    "$ref": "#/$defs/b",
    "$defs": {"a": {"$dynamicAnchor": "n", "type": "null"}, "b": {"enum": [None, 1]}},
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "null"}}}, None, 1),
        ({"$ref": "#x", "$defs": {"a": {"$anchor": "x", "type": "null"}}}, None, 1),
        ({"$ref": "#/x-odd/0", "x-odd": [{"type": "null"}]}, None, 1),
        ({"items": {"$ref": "#/prefixItems/0"}, "prefixItems": [{"type": "null"}]}, [None, None], [None, 1]),
        ({"$ref": "i", "$defs": {"a": {"$id": "i", "$ref": "#/$defs/b", "$defs": {"b": {"type": "null"}}}}}, None, 1),
        ({"$dynamicRef": "#n", "$defs": {"a": {"$dynamicAnchor": "n", "type": "null"}}}, None, 1),
        (BOTH, None, 1),
        ({"$schema": DRAFT_7, "$ref": "#/definitions/a", "type": "array", "definitions": {"a": NULL}}, None, []),
        ({"$schema": DRAFT_7, "$ref": "#/$defs/a", "$defs": {"a": {"type": "null"}}}, None, 1),
        ({"$schema": DRAFT_7, "$ref": "#x", "definitions": {"a": {"$id": "#x", "type": "null"}}}, None, 1),
        ({"type": "array", "items": {"$ref": "#"}}, [[], [[]]], [[1]]),
    ],
)
def test_references_inside_work(schema: Any, good: Any, bad: Any) -> None:
    contract = contract_of(schema)
    assert accepted(contract, good).value == good
    assert told(contract, bad)
    assert contract.accepts(good)
    assert not contract.accepts(bad)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"$ref": "#/$defs/nope"}, "/$ref: '#/$defs/nope' leads nowhere"),
        ({"$ref": "#nope"}, "there is no anchor 'nope'"),
        ({"$ref": "#/$defs/~2", "$defs": {}}, "'~' stands in a JSON Pointer only as"),
        ({"$ref": "#/enum/0", "enum": [{"type": "null"}]}, "leads to a value, not to a schema"),
        ({"$ref": "#/properties/a/const", "properties": {"a": {"const": {}}}}, "leads to a value, not to a schema"),
        ({"$ref": "#/title", "title": "x"}, "leads to a value, not to a schema"),
        ({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}, "the anchor 'x' is there twice"),
        ({"$defs": {"a": {"$id": "urn:x"}, "b": {"$id": "urn:x"}}}, "two schemas of the contract are called 'urn:x'"),
        ({"$schema": DRAFT_7, "$id": "file:///etc/", "$ref": "#/x", "x": {}}, "'$id' beside '$ref' does not count"),
        ({"$dynamicRef": "#n", "$dynamicAnchor": "n", "$defs": {"a": {"$id": "a"}}}, "'$dynamicRef' is taken only"),
    ],
)
def test_references_that_lead_to_no_schema_are_refused(schema: Any, message: str) -> None:
    with pytest.raises(BadUsage) as caught:
        contract_of(schema)
    assert message in str(caught.value)
