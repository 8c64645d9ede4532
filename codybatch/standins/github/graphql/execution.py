"""Validates and executes one operation, with partial results (specification, 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from codybatch.standins.github.graphql.language import (
    Directive,
    Document,
    FieldNode,
    Fragment,
    Operation,
    Selection,
    Spread,
    Variable,
)
from codybatch.standins.github.graphql.schema import Field, Problem, Schema, Type
from codybatch.standins.github.view import View

Json = dict[str, Any]
Path = tuple[str | int, ...]


class Execution:
    """One operation of a document.

    Arguments:
        schema: what can be asked.
        document: where fragments are defined.
        operation: what is asked.
        variables: the values that came with the request.
        view: the caller's.
    """

    def __init__(
        self,
        schema: Schema,
        document: Document,
        operation: Operation,
        variables: Mapping[str, Any],
        view: View,
    ) -> None:
        self._schema = schema
        self._document = document
        self._operation = operation
        self._variables = {**operation.variables, **variables}
        self._view = view
        self._errors: list[Json] = []

    def run(self) -> Json:
        """Return `data`, and `errors` where there are any; an invalid query has no data."""
        root = self._schema.types[self._operation.kind.capitalize()]
        self._check_variables()
        self._validate(root, self._operation.selections, (self._operation.kind,))
        if self._errors:
            return {"errors": self._errors}
        data = self._object(root, self._operation.selections, None, ())
        return {"data": data, "errors": self._errors} if self._errors else {"data": data}

    def _check_variables(self) -> None:
        for name in sorted(self._operation.required):
            if self._variables.get(name) is None:
                message = f"Variable ${name} of a required type was provided invalid value"
                self._errors.append({"message": message})

    def _validate(self, parent: Type, selections: tuple[Selection, ...], path: Path) -> None:
        for selection in selections:
            if isinstance(selection, FieldNode):
                self._validate_field(parent, selection, (*path, selection.alias))
                continue
            fragment = self._fragment(selection)
            types = self._schema.types
            condition = types.get(fragment.on or parent.name) if fragment else None
            if fragment is None or condition is None:
                self._invalid("undefinedFragment", "No such fragment or type", path)
            else:
                self._validate(condition, fragment.selections, path)

    def _validate_field(self, parent: Type, node: FieldNode, path: Path) -> None:
        if node.name == "__typename":
            return
        known = parent.fields.get(node.name)
        if known is None:
            message = f"Field '{node.name}' doesn't exist on type '{parent.name}'"
            self._invalid("undefinedField", message, path, node)
            return
        self._validate_arguments(parent, known, node, path)
        if bool(known.type) != bool(node.selections):
            problem = "must have selections" if known.type else "can't have selections"
            message = f"Field '{node.name}' {problem} (on type '{parent.name}')"
            self._invalid("selectionMismatch", message, path, node)
        elif known.type:
            self._validate(self._schema.types[known.type], node.selections, path)

    def _validate_arguments(self, parent: Type, known: Field, node: FieldNode, path: Path) -> None:
        for name in sorted(set(node.arguments) - known.arguments):
            message = f"Field '{node.name}' doesn't accept argument '{name}'"
            self._invalid("argumentNotAccepted", message, path, node)
        missing = sorted(known.required - set(node.arguments))
        if missing:
            names = ", ".join(missing)
            message = f"Field '{node.name}' is missing required arguments: {names}"
            self._invalid("missingRequiredArguments", f"{message} ({parent.name})", path, node)

    def _invalid(self, code: str, message: str, path: Path, node: FieldNode | None = None) -> None:
        error: Json = {"message": message, "path": list(path), "extensions": {"code": code}}
        if node is not None:
            error["locations"] = [{"line": node.line, "column": node.column}]
        self._errors.append(error)

    def _object(
        self, type_: Type, selections: tuple[Selection, ...], source: Any, path: Path
    ) -> Json:
        found: Json = {}
        for node in self._fields(type_, selections):
            value = self._field(type_, node, source, (*path, node.alias))
            # The same field asked for twice is one field with both selections.
            former = found.get(node.alias)
            found[node.alias] = _merged(former, value)
        return found

    def _fields(self, type_: Type, selections: tuple[Selection, ...]) -> Iterator[FieldNode]:
        for selection in selections:
            if not self._is_included(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                yield selection
                continue
            fragment = self._fragment(selection)
            if fragment is not None and self._applies(fragment, type_):
                yield from self._fields(type_, fragment.selections)

    def _field(self, type_: Type, node: FieldNode, source: Any, path: Path) -> Any:
        if node.name == "__typename":
            return type_.name
        known = type_.fields[node.name]
        try:
            value = known.resolve(source, self._value(node.arguments), self._view)
        except Problem as problem:
            self._fail(problem, node, path)
            return None
        return self._complete(known, node, value, path)

    def _complete(self, known: Field, node: FieldNode, value: Any, path: Path) -> Any:
        if isinstance(value, Problem):
            self._fail(value, node, path)
            return None
        if isinstance(value, list) and known.type:
            return [
                self._complete(known, node, item, (*path, place))
                for place, item in enumerate(value)
            ]
        if value is None or not known.type:
            return value
        declared = self._schema.types[known.type]
        concrete = (
            self._schema.types[self._schema.name_of(value)] if declared.possible else declared
        )
        return self._object(concrete, node.selections, value, path)

    def _fail(self, problem: Problem, node: FieldNode, path: Path) -> None:
        self._errors.append(
            {
                "type": problem.kind,
                "path": list(path),
                "locations": [{"line": node.line, "column": node.column}],
                "message": problem.message,
            }
        )

    def _fragment(self, selection: Spread | Fragment) -> Fragment | None:
        if isinstance(selection, Fragment):
            return selection
        return self._document.fragments.get(selection.name)

    def _applies(self, fragment: Fragment, type_: Type) -> bool:
        condition = self._schema.types[fragment.on or type_.name]
        return condition.name == type_.name or type_.name in condition.possible

    def _is_included(self, directives: tuple[Directive, ...]) -> bool:
        for directive in directives:
            condition = bool(self._value(directive.arguments).get("if"))
            if condition != (directive.name == "include"):
                return False
        return True

    def _value(self, value: Any) -> Any:
        """Put the variables' values in; an argument whose variable is null counts as not given."""
        if isinstance(value, Variable):
            return self._variables.get(value.name)
        if isinstance(value, dict):
            return {name: self._value(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        return value


def _merged(former: Any, value: Any) -> Any:
    if isinstance(former, dict) and isinstance(value, dict):
        return {**former, **{name: _merged(former.get(name), item) for name, item in value.items()}}
    if isinstance(former, list) and isinstance(value, list):
        return [_merged(*pair) for pair in zip(former, value, strict=True)]
    return value
