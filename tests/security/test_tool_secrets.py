"""Secrets of a repository never reach the model: not whole, not in part, not by way of an edit, a
page, a cut, a search or an error; and edits of files that hold them keep them byte for byte.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.workspace.profile import profile
from codybatch.workspace.redaction import Net
from tests.tree_kit import GITHUB_TOKEN, PASSWORD, SCANNER, Folders, Tools

KEY_LINES = [
    f"MIIE{n:02d}xY7z{n:03d}Q8sT1vW4yZ7bC0eF3hJ6kL9nP2qR5tU8wX1zA4cD7fG0" for n in range(9)
]
KEY = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *KEY_LINES, "-----END RSA PRIVATE KEY-----"])
ADDRESS_PASSWORD = "q7Wm-" + "zP3x9"
ANTHROPIC = "sk-ant-" + "api03-" + "Zx81Kq22Lm33Np44Rt55Vw66Yb77"
SECRETS = [GITHUB_TOKEN, PASSWORD, ADDRESS_PASSWORD, ANTHROPIC, *KEY_LINES]
FILES = {
    "README.md": f"# Shop\nSet the token: `export GITHUB_TOKEN={GITHUB_TOKEN}`\n",
    "config/settings.py": (
        'DEBUG = True\r\nDATABASE = {\r\n    "user": "shop",\r\n'
        f'    "password": "{PASSWORD}",\r\n}}\r\nTIMEOUT = 30\r\n'
    ),
    "deploy.env": f"DB_URL=postgres://shop:{ADDRESS_PASSWORD}@db/shop\nKEY={ANTHROPIC}\n",
    "certs/server.pem": f"{KEY}\n",
    "src/app.py": f'def key():\n    return """{KEY}"""\n\nprint("hello")\n',
    f"keys/{GITHUB_TOKEN}.txt": "a name that is a secret\n",
}
PARTS = sorted({secret[at : at + 9] for secret in SECRETS for at in range(4, len(secret) - 8)})
WORDS = ["password", "KEY", "token", "MII", "ghp_", ".", "hello", "TIMEOUT", "PRIVATE", "= ", "sk-"]


def leaks(text: str) -> list[str]:
    return [part for part in PARTS if part in text]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("secrets"))


PATHS = st.sampled_from(list(FILES))
READS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("read_file"),
        st.fixed_dictionaries(
            {"path": PATHS},
            optional={"start_line": st.integers(1, 14), "end_line": st.integers(1, 14)},
        ),
    ),
    st.tuples(
        st.just("grep"),
        st.fixed_dictionaries(
            {"pattern": st.sampled_from([*WORDS, *PARTS[:40]]).map(lambda word: word.strip("&"))},
            optional={"context": st.integers(0, 5), "limit": st.integers(1, 4)},
        ),
    ),
    st.tuples(st.just("list_files"), st.fixed_dictionaries({"depth": st.integers(1, 3)})),
    st.tuples(st.just("glob"), st.just({"pattern": "*"})),
)
CHANGES: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("edit_file"),
        st.fixed_dictionaries(
            {
                "path": PATHS,
                "old_string": st.sampled_from(
                    [
                        '"password": ',
                        "KEY=",
                        "-----BEGIN RSA PRIVATE KEY-----\n",
                        "postgres://shop:",
                        "@db",
                        "export GITHUB_TOKEN=",
                        "DEBUG = True\n",
                        "TIMEOUT = 30",
                        PASSWORD[:5],
                    ]
                ),
                "new_string": st.sampled_from(["", "x: ", "# ", "\n", "v = '"]),
            }
        ),
    ),
    st.tuples(
        st.just("move_file"),
        st.fixed_dictionaries({"from": PATHS, "to": st.sampled_from(["a.txt", "b/c.py"])}),
    ),
    st.tuples(
        st.just("write_file"),
        st.fixed_dictionaries(
            {"path": PATHS, "content": st.just("x"), "overwrite": st.just(False)}
        ),
    ),
)


@settings(max_examples=150, deadline=None)
@given(calls=st.lists(st.one_of(READS, CHANGES), max_size=8))
def test_no_sequence_of_calls_brings_a_part_of_a_secret_to_light(
    folders: Folders, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    with Tools(folders.fresh(), FILES) as tools:
        for name, arguments in calls:
            output = tools.call(name, **arguments)
            assert leaks(output.text) == [], (name, arguments)
        for path in tools.tree.paths():
            if not leaks(path):
                assert leaks(tools.call("read_file", path=path).text) == []


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_rewriting_a_file_from_what_was_shown_changes_no_byte(
    folders: Folders, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from([path for path in FILES if not leaks(path)]))
    with Tools(folders.fresh(), FILES) as tools:
        text = tools.fine("read_file", path=path)
        lines = [line.partition("\t")[2] for line in text.split("\n")[:-1]]
        whole = "\n".join(lines) + "\n"
        tools.fine("write_file", path=path, content=f"{whole}# more\n", overwrite=True)
        assert tools.bytes_of(path) != FILES[path].encode()
        tools.fine("edit_file", path=path, old_string="# more\n", new_string="")
        assert tools.bytes_of(path) == FILES[path].encode()
        assert tools.tree.changed() == ()
        first = data.draw(st.integers(0, len(lines) - 1))
        last = data.draw(st.integers(first, len(lines) - 1))
        old = "\n".join(lines[first : last + 1])
        if whole.count(old) == 1:
            edit = {"path": path, "old_string": old, "new_string": f"{old}\nnew line"}
            tools.fine("edit_file", **edit)
            undo = {"path": path, "old_string": f"{old}\nnew line", "new_string": old}
            tools.fine("edit_file", **undo)
            assert tools.bytes_of(path) == FILES[path].encode()


def test_the_profile_holds_no_secret(folders: Folders) -> None:
    with Tools(folders.fresh(), FILES) as tools:
        assert leaks(profile(tools.tree).readme or "") == []


def test_the_second_net_catches_what_the_first_would() -> None:
    net = Net([], SCANNER)
    for text in FILES.values():
        assert leaks(net.clean(text)) == []
        diff = "".join(f"-{line}\n" for line in text.split("\n"))
        assert leaks(net.clean(diff)) == []
