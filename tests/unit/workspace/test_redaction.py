from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.redaction import Net, Redactor, SecretScanner, occurrences
from tests.tree_kit import GITHUB_TOKEN, PASSWORD

SCANNER = SecretScanner()
FILE = f'name = "shop"\npassword = "{PASSWORD}"\ntoken = "{GITHUB_TOKEN}"\nport = 80\n'


def redactor(salt: str = "of this job") -> Redactor:
    return Redactor(SCANNER, salt)


def test_secrets_give_way_to_placeholders_and_nothing_else_changes() -> None:
    shown = redactor().redact(FILE)
    assert PASSWORD not in shown
    assert GITHUB_TOKEN not in shown
    first, password, token, last, end = shown.split("\n")
    assert (first, last, end) == ('name = "shop"', "port = 80", "")
    assert password.startswith('password = "[redacted-secret-')
    assert len(token) == len('token = "[redacted-secret-xxxxxxxx]"')


def test_placeholders_are_the_same_each_time_and_others_in_another_job() -> None:
    assert redactor().redact(FILE) == redactor().redact(FILE)
    assert redactor().redact(FILE) != redactor("of another job").redact(FILE)


def test_the_same_secret_has_the_same_placeholder_in_every_file() -> None:
    here = redactor().redact(f'password = "{PASSWORD}"').split('"')[1]
    there = redactor().redact(f"env:\n  DB_PASSWORD: '{PASSWORD}'\n").split("'")[1]
    assert here == there


def test_what_was_redacted_can_be_restored_for_that_file() -> None:
    shown = redactor().redact(FILE)
    assert redactor().restore(shown, FILE) == FILE


def test_a_placeholder_of_another_file_is_refused() -> None:
    placeholder = redactor().redact(f'password = "{PASSWORD}"').split('"')[1]
    with pytest.raises(ToolRefused, match="stands for no secret of this file") as refusal:
        redactor().restore(f"copy = {placeholder}", "nothing secret here\n")
    assert placeholder in refusal.value.message
    assert PASSWORD not in refusal.value.message


def test_a_placeholder_that_the_file_itself_holds_as_text_is_kept() -> None:
    text = "docs say: [redacted-secret-0123abcd]\n"
    assert redactor().redact(text) == text
    assert redactor().restore("[redacted-secret-0123abcd]", text) == "[redacted-secret-0123abcd]"


def test_ranges_lead_back_to_the_raw_text_unless_they_cut_a_placeholder() -> None:
    view = redactor().view(FILE)
    shown = view.text
    start = shown.index("port")
    assert view.raw_range(start, start + 4) == (FILE.index("port"), FILE.index("port") + 4)
    at = shown.index("[redacted")
    end = shown.index("]", at) + 1
    raw = FILE.index(PASSWORD)
    assert view.raw_range(at, end) == (raw, raw + len(PASSWORD))
    assert view.raw_range(at - 1, end + 1) == (raw - 1, raw + len(PASSWORD) + 1)
    assert view.raw_range(at + 1, end) is None
    assert view.raw_range(at, end - 1) is None
    assert view.raw_range(0, len(shown)) == (0, len(FILE))


@given(
    st.lists(
        st.sampled_from(
            [f'token = "{GITHUB_TOKEN}"', f"pwd='{PASSWORD}'", "x = 1\n", "é", "\n", "[redacted"]
        )
    )
)
def test_any_text_can_be_restored(pieces: list[str]) -> None:
    text = "".join(pieces)
    view = redactor().view(text)
    assert view.restore(view.text) == text
    assert GITHUB_TOKEN not in view.text
    assert PASSWORD not in view.text


def test_a_secret_stays_redacted_when_an_edit_took_away_what_gave_it_away() -> None:
    mine = redactor()
    before, after = f'password = "{PASSWORD}"\n', f'label = ["{PASSWORD}"]\n'
    assert PASSWORD in redactor().redact(after)
    mine.keep(mine.view(before), after)
    assert PASSWORD not in mine.redact(after)
    assert PASSWORD not in mine.redact(f"elsewhere {PASSWORD}")


def test_a_secret_that_an_edit_removed_need_not_be_remembered() -> None:
    mine = redactor()
    mine.keep(mine.view(f'password = "{PASSWORD}"\n'), "password = ask()\n")
    assert mine.redact(f"label = {PASSWORD}") == f"label = {PASSWORD}"


OURS = "s3cr3t+of/ours=="


@pytest.mark.parametrize(
    "text",
    [
        OURS,
        f"https://x:{quote(OURS)}@host",
        f"https://x:{quote(OURS, safe='')}@host",
        f"a=1&key={OURS.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}",
        "Basic " + base64.b64encode(OURS.encode()).decode(),
        "Basic " + base64.b64encode(f"x:{OURS}".encode()).decode(),
        "Basic " + base64.b64encode(f"xy:{OURS}:z".encode()).decode(),
        base64.urlsafe_b64encode(f"x-access-token:{OURS}".encode()).decode(),
        json.dumps({"a": [OURS]}),
    ],
)
def test_the_net_catches_our_own_secrets_in_every_form(text: str) -> None:
    clean = Net([OURS], SCANNER).clean(text)
    assert "[redacted]" in clean
    assert OURS not in clean
    assert OURS not in _undone(clean)


def _undone(text: str) -> str:
    """What somebody could read out of ``text`` as base64."""
    token = text.rpartition(" ")[2].replace("-", "+").replace("_", "/")
    kept = "".join(character for character in token if character.isalnum() or character in "+/")
    return base64.b64decode(kept + "=" * (-len(kept) % 4) if len(kept) % 4 != 1 else "").decode(
        "utf-8", "replace"
    )


def test_the_net_catches_a_key_line_by_line_and_in_json() -> None:
    key = "-----BEGIN X-----\nQUJDREVGR0hJSktMTU5P\nUFFSU1RVVldYWVphYmNk\n-----END X-----\n"
    net = Net([key], SCANNER)
    assert net.clean(key) == "[redacted]"
    assert "QUJDREVG" not in net.clean("one line: QUJDREVGR0hJSktMTU5P.")
    assert "QUJDREVG" not in net.clean(json.dumps(key))


def test_the_net_catches_what_looks_like_a_secret() -> None:
    assert Net([], SCANNER).clean(FILE) == (
        'name = "shop"\npassword = "[redacted]"\ntoken = "[redacted]"\nport = 80\n'
    )


def test_the_net_leaves_placeholders_and_ordinary_text_alone() -> None:
    net = Net([OURS], SCANNER)
    shown = redactor().redact(FILE)
    assert net.clean(shown) == shown
    assert net.clean("Nothing to hide.") == "Nothing to hide."
    assert net.clean(net.clean(FILE)) == net.clean(FILE)


def test_values_too_short_to_tell_from_words_are_not_looked_for() -> None:
    assert Net(["", "abc"], SCANNER).clean("abc abc") == "abc abc"


# Without brackets, so that a value cannot be made of the end of "[redacted]" and what follows.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), min_size=8)


@given(WORDS, st.text(max_size=20), st.text(max_size=20))
def test_the_net_lets_no_known_value_through(secret: str, before: str, after: str) -> None:
    assert secret not in Net([secret], SCANNER).clean(f"{before}{secret}{after}") or (
        secret in "[redacted]"
    )


def test_occurrences_do_not_overlap() -> None:
    assert list(occurrences("aaaa aa", "aa")) == [0, 2, 5]
