"""Random JSON Schemas and documents that nearly fit them, for comparing validators. Same seed, same documents."""

from __future__ import annotations

import copy
import random
from typing import Any, Final

SCALARS: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 3, 1.0, 2.0, -0.0, 0.5, 1.5, 1e-7, 1e300, 2**53, 2**53 + 1, float(2**53), 2**63 - 1,
    -(2**63) + 1, float(2**63), "", "a", "b", "ab", "abc", "1", "é", "e\u0301", "😀", "a\n", "\u0661", "x" * 40,
)  # fmt: skip
KEYS: Final = ("a", "b", "c", "status", "0", "a/b", "~", "é", "")
PATTERNS: Final = ("^a", "b$", "^\\d+$", "[a-c]{2}", "\\w", "^(a|b)+$", ".", "^$", "x{3,}", "\\s", "[^a]")


class Maker:
    """Makes schemas of one draft and documents for them."""

    def __init__(self, seed: int, *, draft_7: bool, anything: bool) -> None:
        self.random = random.Random(seed)
        self.draft_7 = draft_7
        self.anything = anything
        """Also keywords that only jsonschema judges (`pattern`, `multipleOf`, `unevaluated...`)."""

    def schema(self) -> dict[str, Any]:
        """A schema with definitions that refer to each other, without circles that consume nothing."""
        holder = "definitions" if self.draft_7 else "$defs"
        names = [f"d{number}" for number in range(self.random.randrange(3))]
        made = self._object(3, names)
        if names:
            made[holder] = {name: self._object(2, names[:index]) for index, name in enumerate(names)}
            if self.random.random() < 0.3:
                made[holder][names[0]].setdefault("properties", {})["a"] = {"$ref": f"#/{holder}/{names[0]}"}
        return made

    def value(self, depth: int = 3) -> Any:
        choice = self.random.random()
        if depth and choice < 0.25:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if depth and choice < 0.6:
            return {self.random.choice(KEYS): self.value(depth - 1) for _ in range(self.random.randrange(4))}
        return self.random.choice(SCALARS)

    def fitting(self, schema: Any, root: dict[str, Any], depth: int = 4) -> Any:
        """A value that tries to satisfy `schema`, and often does."""
        if not isinstance(schema, dict) or not depth or self.random.random() < 0.05:
            return self.value(1)
        if "$ref" in schema:
            _, holder, name = schema["$ref"].split("/")
            return self.fitting(root[holder][name], root, depth - 1)
        if "const" in schema:
            return copy.deepcopy(schema["const"])
        if "enum" in schema:
            return copy.deepcopy(self.random.choice(schema["enum"]))
        for keyword in ("anyOf", "oneOf", "allOf"):
            if keyword in schema and self.random.random() < 0.6:
                return self.fitting(self.random.choice(schema[keyword]), root, depth - 1)
        return self._of_type(schema, root, depth)

    def mutated(self, value: Any) -> Any:
        """`value` with one thing in it changed."""
        value = copy.deepcopy(value)
        if isinstance(value, dict) and value and self.random.random() < 0.8:
            key = self.random.choice(sorted(value))
            match self.random.randrange(4):
                case 0:
                    del value[key]
                case 1:
                    value[self.random.choice(KEYS)] = self.value(1)
                case _:
                    value[key] = self.mutated(value[key])
            return value
        if isinstance(value, list) and value and self.random.random() < 0.8:
            index = self.random.randrange(len(value))
            match self.random.randrange(4):
                case 0:
                    del value[index]
                case 1:
                    value.append(copy.deepcopy(self.random.choice(value)))
                case _:
                    value[index] = self.mutated(value[index])
            return value
        return self.value(2)

    def _of_type(self, schema: dict[str, Any], root: dict[str, Any], depth: int) -> Any:
        types = schema.get("type", self.random.choice(["object", "array", "string", "number"]))
        match types if isinstance(types, str) else self.random.choice(types):
            case "object":
                made = {
                    key: self.fitting(inner, root, depth - 1)
                    for key, inner in schema.get("properties", {}).items()
                    if self.random.random() < 0.8
                }
                for key in schema.get("required", ()):
                    made.setdefault(key, self.value(1))
                return made
            case "array":
                items = schema.get("items", True)
                inner = items if isinstance(items, dict) else True
                return [self.fitting(inner, root, depth - 1) for _ in range(self.random.randrange(4))]
            case "null":
                return None
            case "boolean":
                return self.random.random() < 0.5
            case "string":
                return self.random.choice([scalar for scalar in SCALARS if isinstance(scalar, str)])
            case "integer":
                return self.random.choice([0, 1, 2, 3, 2.0, 2**53 + 1, -5])
            case _:
                return self.random.choice([0, 1, 1.5, -2.5, 2**53, 1e300, float(2**63)])

    def _object(self, depth: int, names: list[str]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in range(self.random.randrange(1, 5)):
            made.update(self._keyword(depth, names))
        return made

    def _schema(self, depth: int, names: list[str]) -> Any:
        choice = self.random.random()
        if choice < 0.08:
            return self.random.random() < 0.7
        if names and choice < 0.2:
            return {"$ref": f"#/{'definitions' if self.draft_7 else '$defs'}/{self.random.choice(names)}"}
        return self._object(depth - 1, names) if depth else {"type": self._type()}

    def _type(self) -> Any:
        types = ["object", "array", "string", "number", "integer", "boolean", "null"]
        if self.random.random() < 0.3:
            return self.random.sample(types, 2)
        return self.random.choice(types)

    def _keyword(self, depth: int, names: list[str]) -> dict[str, Any]:
        makers = [self._plain, self._plain, self._number]
        if depth:
            makers += [self._of_object, self._of_object, self._of_array, self._logic]
        if self.anything:
            makers.append(self._unguarded)
        return self.random.choice(makers)(depth, names)

    def _plain(self, depth: int, names: list[str]) -> dict[str, Any]:
        pick = self.random
        match pick.randrange(6):
            case 0 | 1:
                return {"type": self._type()}
            case 2:
                return {"enum": [self.value(1) for _ in range(pick.randrange(1, 4))]}
            case 3:
                return {"const": self.value(2)}
            case 4:
                return {pick.choice(["minLength", "maxLength"]): pick.randrange(4)}
            case _:
                return {"format": pick.choice(["date", "email", "uri", "nonsense"]), "default": self.value(1)}

    def _number(self, depth: int, names: list[str]) -> dict[str, Any]:
        bound = self.random.choice([0, 1, 1.5, 2**53, 2**53 + 1, float(2**53), 2**63 - 1, -3, 1e300])
        return {self.random.choice(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]): bound}

    def _of_object(self, depth: int, names: list[str]) -> dict[str, Any]:
        pick = self.random
        match pick.randrange(8):
            case 0 | 1 | 2:
                keys = pick.sample(KEYS, pick.randrange(1, 4))
                made: dict[str, Any] = {"properties": {key: self._schema(depth, names) for key in keys}}
                if pick.random() < 0.5:
                    made["additionalProperties"] = self._schema(depth, names)
                if pick.random() < 0.5:
                    made["required"] = pick.sample(keys, pick.randrange(len(keys) + 1))
                return made
            case 3:
                return {"additionalProperties": self._schema(depth, names)}
            case 4:
                return {pick.choice(["minProperties", "maxProperties"]): pick.randrange(4)}
            case 5:
                return {"propertyNames": self._schema(depth, names)}
            case 6:
                keyword = "dependencies" if self.draft_7 else "dependentRequired"
                return {keyword: {pick.choice(KEYS): [pick.choice(KEYS)]}}
            case _:
                keyword = "dependencies" if self.draft_7 else "dependentSchemas"
                return {keyword: {pick.choice(KEYS): self._schema(depth, names)}}

    def _of_array(self, depth: int, names: list[str]) -> dict[str, Any]:
        pick = self.random
        several = [self._schema(depth, names) for _ in range(pick.randrange(1, 3))]
        match pick.randrange(6):
            case 0 | 1:
                return {"items": self._schema(depth, names)}
            case 2:
                rest = {"additionalItems" if self.draft_7 else "items": self._schema(depth, names)}
                return {"items" if self.draft_7 else "prefixItems": several, **(rest if pick.random() < 0.7 else {})}
            case 3:
                made: dict[str, Any] = {"contains": self._schema(depth, names)}
                if not self.draft_7 and pick.random() < 0.6:
                    made[pick.choice(["minContains", "maxContains"])] = pick.randrange(3)
                return made
            case 4:
                return {"uniqueItems": pick.random() < 0.8}
            case _:
                return {pick.choice(["minItems", "maxItems"]): pick.randrange(4)}

    def _logic(self, depth: int, names: list[str]) -> dict[str, Any]:
        pick = self.random
        match pick.randrange(5):
            case 0 | 1 | 2:
                count = pick.randrange(1, 4)
                return {pick.choice(["allOf", "anyOf", "oneOf"]): [self._schema(depth, names) for _ in range(count)]}
            case 3:
                return {"not": self._schema(depth, names)}
            case _:
                parts = {"if": self._schema(depth, names)}
                for branch in ("then", "else"):
                    if pick.random() < 0.7:
                        parts[branch] = self._schema(depth, names)
                return parts

    def _unguarded(self, depth: int, names: list[str]) -> dict[str, Any]:
        pick = self.random
        match pick.randrange(4):
            case 0:
                return {"pattern": pick.choice(PATTERNS)}
            case 1:
                return {"patternProperties": {pick.choice(PATTERNS): self._schema(depth, names) if depth else True}}
            case 2:
                return {"multipleOf": pick.choice([1, 2, 0.1, 0.5, 3, 10])}
            case _:
                if self.draft_7 or not depth:
                    return {"pattern": pick.choice(PATTERNS)}
                return {pick.choice(["unevaluatedProperties", "unevaluatedItems"]): self._schema(depth, names)}
