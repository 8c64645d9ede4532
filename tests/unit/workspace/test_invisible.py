from __future__ import annotations

import pytest

from codybatch.workspace.invisible import invisible_in


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (
            "if a\u202e: # \u2066x",
            ["U+202E RIGHT-TO-LEFT OVERRIDE", "U+2066 LEFT-TO-RIGHT ISOLATE"],
        ),
        ("pass\u200bword", ["U+200B ZERO WIDTH SPACE"]),
        ("ad\u00admin", ["U+00AD SOFT HYPHEN"]),
        ("x\u3164 = 1", ["U+3164 HANGUL FILLER"]),
        ("a\U000e0041b", ["U+E0041 TAG LATIN CAPITAL LETTER A"]),
        ("a\U000e0100", ["U+E0100 VARIATION SELECTOR-17"]),
        ("a\u2028b", ["U+2028 LINE SEPARATOR"]),
        ("\x1b[2Kgone", ["U+001B"]),
        ("a\x08b", ["U+0008"]),
        ("a\x85b", ["U+0085"]),
        ("shown\rhidden", ["U+000D"]),
        ("late \ufeff mark", ["U+FEFF ZERO WIDTH NO-BREAK SPACE"]),
        ("a\ufe0f", ["U+FE0F VARIATION SELECTOR-16"]),
        ("a\u200db", ["U+200D ZERO WIDTH JOINER"]),
        ("a\u200cb", ["U+200C ZERO WIDTH NON-JOINER"]),
        ("\u200b\u200b\u200b", ["U+200B ZERO WIDTH SPACE"]),
    ],
)
def test_what_hides_or_reorders_text_is_named_once(line: str, names: list[str]) -> None:
    assert invisible_in(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "plain text\twith a tab",
        "a form feed\x0c",
        "ended by Windows\r",
        "größe, naïve, 日本語, עברית, العربية",
        "\u2764\ufe0f \u26a0\ufe0f 1\ufe0f\u20e3 \u00a9\ufe0f \u3030\ufe0f",
        "\U0001f469\u200d\U0001f4bb \U0001f468\U0001f3fd\u200d\U0001f680",
        "\U0001f3f3\ufe0f\u200d\U0001f308",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian needs the non-joiner
        "\u0915\u094d\u200d\u0937",  # Devanagari needs the joiner
        "a\u00a0no-break space",
        "e\u0301",
    ],
)
def test_ordinary_writing_passes(line: str) -> None:
    assert invisible_in(line) == []


def test_a_byte_order_mark_may_stand_at_the_start_of_a_file() -> None:
    assert invisible_in("\ufeffusing System;", first_line=True) == []
    assert invisible_in("\ufeffusing System;") != []
