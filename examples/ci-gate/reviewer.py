"""A stand-in for an agent that reviews `shop/`: `reviewer.py errors` or `reviewer.py security`."""

import ast
import json
import sys
from pathlib import Path


def errors(tree):
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler) and isinstance(node.body[0], ast.Pass):
                yield "medium", node.lineno, f"{function.name} swallows an error"


def security(tree):
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for node in ast.walk(function):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                yield "high", node.value.lineno, f"{function.name} gives a text of strangers to a shell"


found = [
    {"severity": severity, "file": path.as_posix(), "line": line, "title": title}
    for path in sorted(Path("shop").glob("*.py"))
    for severity, line, title in {"errors": errors, "security": security}[sys.argv[1]](ast.parse(path.read_text()))
]
print(json.dumps({"status": "success", "summary": f"{len(found)} found in shop/.", "findings": found}))
