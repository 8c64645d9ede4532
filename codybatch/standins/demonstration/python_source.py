"""Python text with its syntax tree: where things stand, and what is to stand there instead."""

from __future__ import annotations

import ast
import io
import tokenize
from bisect import bisect_left
from dataclasses import dataclass, field

_NO_TOKENS = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.COMMENT,
    tokenize.INDENT,
    tokenize.DEDENT,
}


class NotPython(ValueError):
    """The text cannot be parsed as Python 3."""


@dataclass(frozen=True)
class _Replacement:
    start: int
    end: int
    text: str


@dataclass
class PythonSource:
    """One file.

    Arguments:
        text: its content.

    Raises:
        NotPython: it does not parse.
    """

    text: str
    tree: ast.Module = field(init=False)
    parents: dict[ast.AST, ast.AST] = field(init=False, default_factory=dict)
    _starts: list[int] = field(init=False)
    _tokens: list[tuple[int, int, str]] = field(init=False, default_factory=list)
    _replacements: list[_Replacement] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        lines = self.text.split("\n")
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        try:
            self.tree = ast.parse(self.text)
            readline = io.StringIO(self.text + "\n").readline
            for token in tokenize.generate_tokens(readline):
                if token.type not in _NO_TOKENS and token.type != tokenize.ENDMARKER:
                    self._tokens.append((self._at(token.start), self._at(token.end), token.string))
        except (SyntaxError, ValueError, tokenize.TokenError, RecursionError) as error:
            raise NotPython(str(error)) from error
        for parent in ast.walk(self.tree):
            for child in ast.iter_child_nodes(parent):
                self.parents[child] = parent

    def _at(self, place: tuple[int, int]) -> int:
        return self._starts[place[0] - 1] + place[1]

    def _offset(self, line: int, column: int) -> int:
        """The place of a syntax node, whose columns count bytes."""
        start = self._starts[line - 1]
        row = self.text[start : self._starts[line] - 1]
        return start + len(row.encode()[:column].decode(errors="ignore"))

    def start(self, node: ast.expr | ast.stmt | ast.alias) -> int:
        """Where a node begins."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias) -> int:
        """Where a node ends."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def signature_end(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        """Where a return annotation would begin: behind the bracket that closes its parameters."""
        first = function.body[0]
        decorators = getattr(first, "decorator_list", [])
        start = min(self.start(node) for node in (first, *decorators))
        place = bisect_left(self._tokens, (start, 0, "")) - 1
        while self._tokens[place][2] != ":":
            place -= 1
        return self._tokens[place - 1][1]

    def words(self, node: ast.expr) -> str:
        """A node as it is written."""
        return self.text[self.start(node) : self.end(node)]

    def is_exact(self, node: ast.expr) -> bool:
        """Whether a node's place is known: before Python 3.12 it is not inside every f-string."""
        try:
            again = ast.parse(self.words(node), mode="eval").body
        except (SyntaxError, ValueError):
            return False
        return ast.dump(again) == ast.dump(node)

    def is_in_fstring(self, node: ast.AST) -> bool:
        """Whether a node stands inside an f-string, whose tokens cannot be told apart."""
        parent = self.parents.get(node)
        while parent is not None and not isinstance(parent, ast.JoinedStr):
            parent = self.parents.get(parent)
        return parent is not None

    def line_of(self, offset: int) -> int:
        """The number of the line in which an offset lies, from 1."""
        return bisect_left(self._starts, offset + 1)

    def indentation(self, offset: int) -> str:
        """The white space at the beginning of the line in which an offset lies."""
        line = self.text[self._starts[self.line_of(offset) - 1] :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def replace(self, start: int, end: int, text: str) -> None:
        """Put ``text`` in place of what stands between two offsets."""
        self._replacements.append(_Replacement(start, end, text))

    def add_argument(self, call: ast.Call, argument: str) -> None:
        """Add a last argument to a call, in the call's own layout."""
        closing = self.end(call) - 1
        place = bisect_left(self._tokens, (closing, 0, ""))
        _, before, last = self._tokens[place - 1]
        own_line = self.line_of(closing) != self.line_of(before - 1)
        fresh_line = "\n" + self.indentation(before - 1)
        if last == "(":
            self.replace(closing, closing, argument)
        elif last == ",":
            self.replace(before, before, f"{fresh_line}{argument}," if own_line else f" {argument}")
        else:
            self.replace(before, before, f",{fresh_line if own_line else ' '}{argument}")

    def add_imported_name(self, node: ast.ImportFrom, name: str) -> None:
        """Add a name to ``from x import y``, at its place in the alphabet."""
        indented = node.lineno != node.end_lineno
        for alias in node.names:
            if alias.name.lower() > name.lower():
                start = self.start(alias)
                own_line = indented and self.text[:start].rstrip(" \t").endswith("\n")
                gap = "\n" + self.indentation(start) if own_line else " "
                self.replace(start, start, f"{name},{gap}")
                return
        start, end = self.start(node.names[-1]), self.end(node.names[-1])
        own_line = indented and self.text[:start].rstrip(" \t").endswith("\n")
        gap = "\n" + self.indentation(start) if own_line else " "
        self.replace(end, end, f",{gap}{name}")

    def result(self) -> str:
        """The text with everything replaced.

        Raises:
            NotPython: it would no longer parse.
        """
        text = self.text
        for change in sorted(self._replacements, key=lambda c: (c.start, c.end), reverse=True):
            text = text[: change.start] + change.text + text[change.end :]
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise NotPython(str(error)) from error
        return text


def module_aliases(tree: ast.Module, module: str) -> set[str]:
    """The names under which ``import module`` makes a module known."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == module
    }


def imports_of(tree: ast.Module, module: str, name: str) -> list[tuple[ast.ImportFrom, ast.alias]]:
    """The places where ``from module import name`` stands."""
    return [
        (node, alias)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level
        for alias in node.names
        if alias.name == name
    ]


def bound_names(tree: ast.Module) -> set[str]:
    """Every name that the file gives a meaning to, anywhere."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
    return names
