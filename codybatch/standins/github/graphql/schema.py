"""What a schema is made of: types, their fields, and connections with pages."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from codybatch.standins.github.view import View

Arguments = dict[str, Any]
Resolver = Callable[[Any, Arguments, View], Any]
SCALAR = ""
PAGING = ("first", "last", "after", "before")
LARGEST_PAGE = 100


class Problem(Exception):
    """A field cannot be had: it becomes null, and an error names its path.

    Arguments:
        kind: GitHub's `type`: NOT_FOUND, FORBIDDEN, UNPROCESSABLE, ….
        message: GitHub's sentence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class Field:
    """One field of a type.

    Arguments:
        type: the type's name, or `SCALAR`; a list has the type of its items.
        resolve: gives the value, from the object, the arguments and the caller's view.
        arguments: the names it takes.
        required: those of them that have to be given.
    """

    type: str
    resolve: Resolver
    arguments: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Type:
    """An object type, or with `possible` an interface or a union of those."""

    name: str
    fields: Mapping[str, Field]
    possible: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Schema:
    """All types by name, and the name of the type of an object."""

    types: Mapping[str, Type]
    name_of: Callable[[Any], str]


@dataclass
class TypeBuilder:
    """Collects the fields of one type.

    Arguments:
        name: the type's name.
    """

    name: str
    fields: dict[str, Field] = field(default_factory=dict)

    def add(
        self,
        name: str,
        resolve: Resolver,
        type_name: str = SCALAR,
        arguments: str = "",
    ) -> None:
        """Add a field; `arguments` are names with spaces between, a `!` marks required ones."""
        names = arguments.split()
        self.fields[name] = Field(
            type_name,
            resolve,
            frozenset(n.rstrip("!") for n in names),
            frozenset(n.rstrip("!") for n in names if n.endswith("!")),
        )

    def add_plain(self, **attributes: str) -> None:
        """Add scalar fields that are attributes of the object: field name to attribute."""
        for name, attribute in attributes.items():
            self.add(name, _attribute(attribute))

    def add_connection(
        self,
        name: str,
        items: Resolver,
        type_name: str,
        arguments: str = "",
    ) -> None:
        """Add a field with pages; `items` gives all of them."""
        self.add(name, _paged(name, items), type_name, f"{' '.join(PAGING)} {arguments}")

    def build(self) -> Type:
        """Return the type."""
        return Type(self.name, self.fields)


@dataclass(frozen=True)
class Connection:
    """One page of items; `offset` is the place of its first item among `everything`."""

    everything: Sequence[Any]
    offset: int
    items: Sequence[Any]

    @property
    def ends_at(self) -> int:
        """The place behind the last item."""
        return self.offset + len(self.items)


def connection_types(
    node: str, name: str = "", extra: Mapping[str, Field] | None = None
) -> Iterable[Type]:
    """Return the connection's type and its edge's for a type of items.

    Arguments:
        node: the items' type.
        name: the connection's name without `Connection`, where it is not the items'.
        extra: fields beside the usual ones.
    """
    name = name or node
    connection = TypeBuilder(f"{name}Connection")
    connection.add("totalCount", lambda page, _, __: len(page.everything))
    connection.add("nodes", lambda page, _, __: list(page.items), node)
    connection.add("edges", lambda page, _, __: _edges(page), f"{name}Edge")
    connection.add("pageInfo", lambda page, _, __: page, "PageInfo")
    connection.fields.update(extra or {})
    edge = TypeBuilder(f"{name}Edge")
    edge.add("node", lambda pair, _, __: pair[1], node)
    edge.add("cursor", lambda pair, _, __: _cursor(pair[0]))
    return connection.build(), edge.build()


def page_info() -> Type:
    """Return the type that says where a page ends."""
    info = TypeBuilder("PageInfo")
    info.add("hasNextPage", lambda page, _, __: page.ends_at < len(page.everything))
    info.add("hasPreviousPage", lambda page, _, __: page.offset > 0)
    info.add("startCursor", lambda page, _, __: _cursor(page.offset) if page.items else None)
    info.add("endCursor", lambda page, _, __: _cursor(page.ends_at - 1) if page.items else None)
    return info.build()


def _paged(name: str, items: Resolver) -> Resolver:
    def resolve(source: Any, arguments: Arguments, view: View) -> Connection:
        everything = list(items(source, arguments, view))
        return _page(name, everything, arguments)

    return resolve


def _page(name: str, everything: Sequence[Any], arguments: Arguments) -> Connection:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        message = (
            "You must provide a `first` or `last` value to properly paginate "
            f"the `{name}` connection."
        )
        raise Problem("MISSING_PAGINATION_BOUNDARIES", message)
    size, side = (first, "first") if first is not None else (last, "last")
    if not isinstance(size, int) or size > LARGEST_PAGE:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds "
            f"the `{side}` limit of {LARGEST_PAGE} records."
        )
        raise Problem("EXCESSIVE_PAGINATION", message)
    start = _place(arguments.get("after"), -1) + 1
    end = _place(arguments.get("before"), len(everything))
    if first is not None:
        end = min(end, start + size)
    else:
        start = max(start, end - size)
    return Connection(everything, start, everything[start:end])


def _edges(page: Connection) -> list[tuple[int, Any]]:
    return list(enumerate(page.items, page.offset))


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def _place(cursor: str | None, default: int) -> int:
    if cursor is None:
        return default
    try:
        found = re.fullmatch(rb"cursor:(\d+)", base64.b64decode(cursor, validate=True))
    except ValueError:
        found = None
    if found is None:
        raise Problem(
            "INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor."
        )
    return int(found[1])


def _attribute(name: str) -> Resolver:
    return lambda source, _, __: getattr(source, name)
