from __future__ import annotations

import pytest

from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration.answering import Answering
from codybatch.standins.demonstration.results import FileView, Hit
from codybatch.standins.demonstration.survey import Survey, escaped

LISTING = [
    "README.md (20 bytes)",
    "LICENSE (1,070 bytes)",
    "requirements.txt (30 bytes)",
    "shop/app.py (300 bytes)",
    "shop/web.js (30 bytes)",
    "shop/more.py (3 bytes)",
    "tests/test_app.py (30 bytes)",
    "docs/deep/er/and/deeper/ (3 files, 20 bytes)",
    "[4 more entries: list a folder by itself, or raise limit]",
]
READ = {
    "README.md": "# The shop\nSells.",
    "LICENSE": "MIT License",
    "requirements.txt": "requests>=2\n# a remark\nPyYAML==6.0",
}
STRING: JsonObject = {"type": "string"}
NAMES: JsonObject = {"type": "array", "items": STRING}


def answered(name: str, field: JsonObject, task: str = "Tell.") -> object:
    views = {}
    for path, text in READ.items():
        views[path] = FileView()
        views[path].replace_text(text)
    hits = {(escaped("yaml.load"), ""): [Hit("shop/app.py", 3, "yaml.load(x)")]}
    survey = Survey(views=views, hits=hits, listing=LISTING)
    schema = {"type": "object", "properties": {name: field}, "required": [name]}
    answer = Answering(task, schema, survey).outcome().answer
    assert answer is not None
    return answer[name]


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("languages", NAMES, ["Python", "JavaScript"]),
        ("mainLanguage", STRING, "Python"),
        ("license", {"enum": ["Apache-2.0", "MIT"]}, "MIT"),
        ("license", {"enum": ["proprietary"]}, "proprietary"),
        ("hasTests", {"type": "boolean"}, True),
        ("testFiles", NAMES, ["tests/test_app.py"]),
        ("dependency_count", {"type": "integer"}, 2),
        ("dependencies", NAMES, ["PyYAML", "requests"]),
        ("title", STRING, "The shop"),
        ("who", {"type": ["string", "null"]}, None),
        ("who", {"anyOf": [STRING, {"type": "null"}]}, None),
        (
            "owner",
            {"type": "object", "properties": {"id": STRING}, "required": ["id"]},
            {"id": "unknown"},
        ),
    ],
)
def test_a_field_is_filled_by_what_its_name_asks_for(
    name: str, field: JsonObject, value: object
) -> None:
    assert answered(name, field) == value


def test_any_other_field_tells_of_what_the_question_quotes() -> None:
    task = "Where is `yaml.load` called?"

    assert answered("places", NAMES, task) == ["shop/app.py"]
    assert answered("count", {"type": "integer"}, task) == 1


def test_it_looks_around_then_reads_the_guides_then_answers() -> None:
    survey = Survey(listing=LISTING)
    schema: JsonObject = {"properties": {"title": STRING}}

    first = Answering("Tell of `yaml.load`.", schema, Survey()).next_step()
    second = Answering("?", schema, survey).next_step()

    assert [name for name, _ in first.calls] == ["list_files", "grep"]
    assert [arguments["path"] for _, arguments in second.calls] == [
        "README.md",
        "LICENSE",
        "requirements.txt",
    ]
