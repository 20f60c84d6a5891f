"""What JUnit XML may hold: Jenkins' junit-10.xsd, and the properties of a test case that pytest writes besides."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_CASE = ("properties", "skipped", "error", "failure", "system-out", "system-err")
_CHILDREN = {
    "testsuites": ("testsuite",),
    "testsuite": ("testcase",),
    "testcase": _CASE,
    "properties": ("property",),
}
_ATTRIBUTES = {  # required, then allowed
    "testsuites": ((), ("name", "time", "tests", "failures", "errors")),
    "testsuite": (("name", "tests", "failures", "errors"), ("time", "skipped")),
    "testcase": (("name",), ("classname", "time")),
    "property": (("name", "value"), ()),
    "failure": ((), ("type", "message")),
    "skipped": ((), ("type", "message")),
}
_SECONDS = re.compile("[0-9]+[.][0-9]{3}")


def checked_junit(text: str) -> Element:
    """The root of a document that has what the schema wants, nothing else, and counts that are right."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    _check(root)
    for suite in root:
        _check_counts(suite, tests=len(suite))
    _check_counts(root, tests=len(root.findall("testsuite/testcase")))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names)  # of two with one name, GitLab drops the second
    return root


def cases(root: Element) -> dict[str, Element]:
    return {case.get("name", ""): case for case in root.iter("testcase")}


def properties(case: Element) -> dict[str, str]:
    return {each.get("name", ""): each.get("value", "") for each in case.iter("property")}


def _check(element: Element) -> None:
    required, allowed = _ATTRIBUTES.get(element.tag, ((), ()))
    assert set(required) <= set(element.keys()) <= {*required, *allowed}, element.tag
    assert _SECONDS.fullmatch(element.get("time", "0.000"))
    known = _CHILDREN.get(element.tag, ())
    tags = [child.tag for child in element]
    assert set(tags) <= set(known)
    if element.tag == "testcase":
        assert tags == sorted(set(tags), key=_CASE.index)
    for child in element:
        _check(child)


def _check_counts(element: Element, *, tests: int) -> None:
    assert element.get("tests") == str(tests)
    assert element.get("failures") == str(len(list(element.iter("failure"))))
    assert element.get("errors") == str(len(list(element.iter("error"))))
    assert element.get("skipped", str(len(list(element.iter("skipped"))))) == str(len(list(element.iter("skipped"))))
