from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.agent.tools.text_file import as_text
from codybatch.workspace.manifest import EXECUTABLE, SYMLINK
from tests.tree_kit import GITHUB_TOKEN, LFS_POINTER, PASSWORD, Folders, Tools, rendered

APP = "import os\n\n\ndef main():\n    print('hi')\n    return 0\n\n\nmain()\n"


def test_an_edit_replaces_the_text_and_shows_three_lines_around_it(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    text = tools.fine("edit_file", path="app.py", old_string="print('hi')", new_string="run()")
    assert tools.bytes_of("app.py").decode() == APP.replace("print('hi')", "run()")
    shown = APP.replace("print('hi')", "run()").split("\n")[1:8]
    assert text == f"Edited app.py: 1 replacement.\n{rendered(shown, 2)}"


def test_an_edit_that_adds_lines_shows_them_all(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    text = tools.fine(
        "edit_file", path="app.py", old_string="    return 0", new_string="    a()\n    return 1"
    )
    assert "     6\t    a()\n     7\t    return 1\n" in text
    assert text.endswith("    10\tmain()")


def test_all_expected_replacements_are_made_and_shown(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.txt": "one\n" * 5 + "two\n"})
    text = tools.fine(
        "edit_file", path="a.txt", old_string="one\n", new_string="1\n1\n", expected_replacements=5
    )
    assert tools.bytes_of("a.txt") == b"1\n" * 10 + b"two\n"
    assert text.startswith("Edited a.txt: 5 replacements.\n     1\t1\n     2\t1\n")
    assert text.endswith("[2 more replacements are not shown]")


def test_another_count_than_expected_changes_nothing_and_names_the_lines(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.txt": "x\ny\nx\n"})
    text = tools.refused("edit_file", path="a.txt", old_string="x", new_string="z")
    assert "stands 2 times in a.txt, not 1: on line 1, 3." in text
    assert "expected_replacements to 2" in text
    assert tools.tree.changed() == ()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("", "x", "old_string is empty"),
        ("main", "main", "the same, so there is nothing to change"),
        ("main()\r\n", "main()\n", "the same, so there is nothing to change"),
        ("main", "nul\0", "without NUL"),
    ],
)
def test_edits_that_make_no_sense_are_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    assert why in tools.refused("edit_file", path="app.py", old_string=old, new_string=new)


def test_text_that_is_not_there_brings_up_the_closest_lines(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    old = "def main():\n  print('hi')\n  return 0"
    text = tools.refused("edit_file", path="app.py", old_string=old, new_string="x")
    assert "does not stand in app.py. The closest lines are" in text
    assert rendered(["def main():", "    print('hi')", "    return 0"], 4) in text


def test_text_that_is_like_nothing_there_is_said_to_be(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    text = tools.refused("edit_file", path="app.py", old_string="zebra = quagga", new_string="x")
    assert "nothing there is like it" in text


def test_an_edit_that_was_made_before_is_taken_as_made(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    edit = {"path": "app.py", "old_string": "print('hi')", "new_string": "run()"}
    tools.fine("edit_file", **edit)
    digest = tools.tree.digest()
    text = tools.fine("edit_file", **edit)
    assert text == "Already applied: line 5 of app.py reads so. Nothing changed."
    assert tools.tree.digest() == digest


def test_a_deletion_is_never_taken_as_made_before(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"app.py": APP})
    edit = {"path": "app.py", "old_string": "    print('hi')\n", "new_string": ""}
    tools.fine("edit_file", **edit)
    tools.refused("edit_file", **edit)


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"a\r\nb\r\nc\r\n", "b", "B\nBB", b"a\r\nB\r\nBB\r\nc\r\n"),
        (b"a\r\nb\r\nc", "b\nc", "x\ny\nz", b"a\r\nx\r\ny\r\nz"),
        (b"a\nb\r\nc\nd\r\n", "b\nc", "b\nc2", b"a\nb\r\nc2\nd\r\n"),
        (b"a\nb\r\nc\nd\r\n", "a\nb\nc", "a\nb\nx\nc", b"a\nb\r\nx\nc\nd\r\n"),
        (b"a\r\nb\nc\r\n", "b\n", "", b"a\r\nc\r\n"),
        (b"a\r\nb", "b", "b\nc", b"a\r\nb\r\nc"),
        (BOM + b"a\nb\n", "a", "A", BOM + b"A\nb\n"),
        (BOM + b"a\r\n", "a", "A\nB", BOM + b"A\r\nB\r\n"),
        (b"no end", "end", "END", b"no END"),
        (b"caf\xe9 = 1\n", "1", "2", b"caf\xe9 = 2\n"),
        (b"caf\xe9 = 1\n", "caf\u00e9", "th\u00e9", b"th\xe9 = 1\n"),
        (b"a\rb\nc\n", "c", "d", b"a\rb\nd\n"),
        (b"a\r\r\nb\n", "b", "c", b"a\r\r\nc\n"),
        ("ünï\u2028code\x0c\n".encode(), "code", "CODE", "ünï\u2028CODE\x0c\n".encode()),
        (b"a\n\x00after 8000 bytes".replace(b"\n", b"\n" * 8_000), "a\n", "b\n", None),
    ],
)
def test_everything_beside_the_edit_stays_byte_for_byte(
    tmp_path: Path, before: bytes, old: str, new: str, after: bytes | None
) -> None:
    tools = Tools(tmp_path, {"f": before})
    tools.fine("edit_file", path="f", old_string=old, new_string=new)
    assert tools.bytes_of("f") == (after if after is not None else b"b" + before[1:])


def test_the_mode_is_kept(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"run.sh": "echo 1\n"}, {"run.sh": EXECUTABLE})
    tools.fine("edit_file", path="run.sh", old_string="1", new_string="2")
    assert (tmp_path / "tree/run.sh").stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("word".encode("utf-16"), "is in UTF-16"),
        (b"\xfe\xff\0a\0b", "is in UTF-16"),
        (b"PK\x03\x04\0\0a", "is a binary file"),
        (b"x" * (8 * 1024 * 1024 + 1), "files over 8,388,608 cannot be edited"),
        (LFS_POINTER.encode(), "is a Git LFS pointer"),
    ],
)
def test_what_is_no_text_to_edit_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    tools = Tools(tmp_path, {"f": content})
    assert why in tools.refused("edit_file", path="f", old_string="a", new_string="b")


def test_links_are_not_edited(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"real": "a", "link": "real"}, {"link": SYMLINK})
    text = tools.refused("edit_file", path="link", old_string="real", new_string="/etc/passwd")
    assert "link is a symbolic link" in text


def test_a_character_that_the_files_encoding_lacks_is_refused(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"f": b"caf\xe9\n"})
    text = tools.refused("edit_file", path="f", old_string="caf", new_string="\u20ac")
    assert "its encoding has no '\u20ac'" in text
    assert tools.bytes_of("f") == b"caf\xe9\n"


CONFIG = f'host = "db"\npassword = "{PASSWORD}"  # keep\ntoken = "{GITHUB_TOKEN}"\n'


def test_a_line_that_holds_a_secret_can_be_edited_around_it(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    line = tools.fine("read_file", path="config.py").split("\n")[1].split("\t")[1]
    assert PASSWORD not in line
    text = tools.fine(
        "edit_file",
        path="config.py",
        old_string=line,
        new_string=line.replace("password", "db_password").replace("keep", "kept"),
    )
    expected = CONFIG.replace("password =", "db_password =").replace("keep", "kept")
    assert tools.bytes_of("config.py").decode() == expected
    assert PASSWORD not in text
    assert "[note:" not in text


def test_a_secret_is_still_hidden_when_the_edit_takes_its_name_away(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    text = tools.fine("edit_file", path="config.py", old_string="password =", new_string="x =")
    assert f'x = "{PASSWORD}"' in tools.bytes_of("config.py").decode()
    for output in (
        text,
        tools.fine("read_file", path="config.py"),
        tools.fine("grep", pattern="x ="),
        tools.refused("edit_file", path="config.py", old_string='x = "?', new_string="y"),
    ):
        assert PASSWORD not in output


def test_a_secret_can_be_replaced_by_a_reference(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    placeholder = tools.fine("grep", pattern="^password").split('"')[1]
    tools.fine(
        "edit_file",
        path="config.py",
        old_string=f'"{placeholder}"',
        new_string='os.environ["DB_PASSWORD"]',
    )
    assert 'password = os.environ["DB_PASSWORD"]  # keep' in tools.bytes_of("config.py").decode()


def test_a_secret_cannot_be_found_out_by_trying_its_beginnings(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    right = f'token = "{GITHUB_TOKEN[:8]}'
    wrong = 'token = "ghp_zzzz'
    outputs = [
        tools.refused("edit_file", path="config.py", old_string=old, new_string="x")
        for old in (right, wrong)
    ]
    assert outputs[0] == outputs[1]
    assert tools.tree.changed() == ()


def test_half_a_placeholder_is_not_text_of_the_file(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    text = tools.refused(
        "edit_file", path="config.py", old_string='password = "[redacted', new_string="x"
    )
    assert "inside a [redacted-secret-" in text
    assert tools.tree.changed() == ()


def test_a_placeholder_of_another_file_is_not_written(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG, "public.txt": "hello\n"})
    placeholder = tools.fine("grep", pattern="^password").split('"')[1]
    text = tools.refused(
        "edit_file", path="public.txt", old_string="hello", new_string=f"hello {placeholder}"
    )
    assert "stands for no secret of this file" in text
    assert tools.bytes_of("public.txt") == b"hello\n"


def test_adding_what_looks_like_a_secret_is_pointed_out(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.py": "x = 1\n"})
    text = tools.fine(
        "edit_file", path="a.py", old_string="x = 1", new_string=f'token = "{GITHUB_TOKEN}"'
    )
    assert "what you wrote looks like a secret" in text
    assert GITHUB_TOKEN not in text


ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])
LINE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12
).filter(lambda line: "redacted" not in line)


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.tuples(LINE, ENDINGS), max_size=8))
    return "".join(line + ending for line, ending in lines) + draw(LINE)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(tmp_path_factory.mktemp("edits"))


@settings(max_examples=300, deadline=None)
@given(data=st.data(), raw=files(), bom=st.booleans(), new=st.text("ab\nü", max_size=9))
def test_any_edit_changes_what_it_names_and_nothing_else(
    folders: Folders, data: st.DataObject, raw: str, bom: bool, new: str
) -> None:
    content = (BOM if bom else b"") + raw.encode()
    file = as_text(content)
    text = file.text
    start = data.draw(st.integers(0, len(text)))
    old = text[start : data.draw(st.integers(start, len(text)))]
    count = text.count(old) if old else 0
    edit = {
        "path": "f",
        "old_string": old,
        "new_string": new,
        "expected_replacements": max(1, count),
    }
    with Tools(folders.fresh(), {"f": content}) as tools:
        output = tools.call("edit_file", **edit)
        result = tools.bytes_of("f")
        if not old or old == new:
            assert output.is_error
            assert result == content
            return
        assert not output.is_error, output.text
        after = as_text(result)
        # But for CRs: one that comes to stand before an LF is part of a CRLF from then on.
        assert after.text.replace("\r", "") == text.replace(old, new).replace("\r", "")
        if count == 1:
            at = text.index(old)
            first, last = file.raw_offsets(at, at + len(old))
            assert after.raw.startswith(file.raw[:first])
            assert after.raw.endswith(file.raw[last:])
        if new and old not in after.text and after.text.count(new) == count:
            # What was done is not done again.
            assert tools.fine("edit_file", **edit).startswith("Already applied")
            assert tools.bytes_of("f") == result


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60), new=st.text("xyz\n", min_size=1, max_size=5))
def test_any_bytes_survive_beside_an_edit(folders: Folders, content: bytes, new: str) -> None:
    before, after = content + b"\n<<here>>", b"<<>>\n" + content[::-1]
    with Tools(folders.fresh(), {"f": before + after}) as tools:
        output = tools.call("edit_file", path="f", old_string="<<here>>", new_string=new)
        result = tools.bytes_of("f")
    if output.is_error:
        assert result == before + after
    else:
        assert result.startswith(content)
        assert result.endswith(after)


@pytest.mark.timeout(20)
def test_looking_for_the_closest_lines_is_bounded(tmp_path: Path) -> None:
    lines = "".join(f"value_{number} = compute({number})\n" for number in range(100_000))
    tools = Tools(tmp_path, {"big.py": lines, "wide.py": "ab " * 700_000})
    wanted = "".join(f"value_{number} = compute( {number} )\n" for number in range(500))
    tools.refused("edit_file", path="big.py", old_string=wanted, new_string="x")
    text = tools.refused("edit_file", path="wide.py", old_string="ab ac " * 50_000, new_string="x")
    assert len(text) < 20_000
