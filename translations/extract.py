"""Find the sentences that a person reads in Python files, for ``pybabel extract`` (see ``babel.cfg``).

Beside the calls of gettext these are: sentences (a capital at the beginning, a full stop at the end) of errors, warnings
and definitions, which are stored in English and translated when they are shown; and the stages, units and gaps of an
analysis. A sentence with values already in it is listed with ``{}`` in the place of each, as ``interview.sentences``
looks it up.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

from interview.sentences import pattern_of

SENTENCE = re.compile(r"^[A-ZÉ“].* .*[.!?]$", re.DOTALL)
BARE_VALUE = re.compile(r"%(?:\.\d+)?[dsf]")
STAGE_CALLS = ("progress", "report", "tell")
FACT_UNIT = 1  # place of the unit among Fact's arguments
COUNTED = ("count", "share", "")
A_NUMBER = "0"  # stands for a value until ``pattern_of`` has found it
SHORT_TUPLES = ("GAPS", "CLASSES")

Found = tuple[int, str, str, list[str]]


def extract(file: BinaryIO, keywords: Mapping[str, Any], comment_tags: Sequence[str], options: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what ``babel`` finds by keyword, and every sentence, stage, unit and gap."""
    source = file.read()
    yield from extract_python(io.BytesIO(source), keywords, comment_tags, options)  # type: ignore[arg-type]
    seen = set()
    for line, text in _texts(ast.parse(source)):
        if text not in seen:
            seen.add(text)
            yield line, "gettext", text, []


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node) if part is not node}
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in docstrings | inside:
            text = _text(node, constants)
            if text and SENTENCE.match(text):
                yield node.lineno, text
        elif isinstance(node, ast.Call):
            yield from _arguments(node, constants)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in SHORT_TUPLES:
            yield from ((node.lineno, word) for word in ast.literal_eval(node.value))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=False)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                yield from ((name.id, value) for name, value in pairs if isinstance(name, ast.Name))


def _arguments(call: ast.Call, constants: Mapping[str, ast.expr]) -> Iterator[tuple[int, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    wanted = call.args[:1] if name in STAGE_CALLS else call.args[FACT_UNIT : FACT_UNIT + 1] if name == "Fact" else []
    for argument in wanted:
        text = _text(argument, constants)
        if text and text not in COUNTED:
            yield call.lineno, text


def _text(node: ast.expr, constants: Mapping[str, ast.expr]) -> str | None:
    """Return a string as the catalogue has it; ``None`` for what is none."""
    if isinstance(node, ast.Name) and node.id in constants:
        return _text(constants[node.id], constants)
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return None
        return _formatted(node.value) if BARE_VALUE.search(node.value) else node.value
    if isinstance(node, ast.JoinedStr):
        parts = [_part(part, constants) for part in node.values]
        return _formatted("".join(parts))
    return None


def _formatted(text: str) -> str:
    """Return the catalogue's key for what ``%`` will make of a text."""
    return pattern_of(BARE_VALUE.sub(A_NUMBER, text).replace("%%", "%"))


def _part(node: ast.expr, constants: Mapping[str, ast.expr]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    inner = constants.get(node.value.id) if isinstance(node.value, ast.Name) else None
    if inner is not None and isinstance(inner, (ast.Constant, ast.JoinedStr)) and (text := _text(inner, constants)):
        return text
    percent = isinstance(node.format_spec, ast.JoinedStr) and any(isinstance(p, ast.Constant) and str(p.value).endswith("%") for p in node.format_spec.values)
    return f"{A_NUMBER}%" if percent else A_NUMBER
