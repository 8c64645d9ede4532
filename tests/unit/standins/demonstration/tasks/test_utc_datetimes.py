from __future__ import annotations

import ast

import pytest

from codybatch.standins.demonstration.tasks.utc_datetimes import UtcDatetimes


def rewritten(text: str) -> str:
    result = UtcDatetimes().rewrite("a.py", text).text
    ast.parse(result)
    assert UtcDatetimes().rewrite("a.py", result).text == result
    return result


def test_the_class_gets_timezone_imported_beside_it() -> None:
    text = "from datetime import datetime\nx = datetime.utcnow()\n"

    assert rewritten(text) == (
        "from datetime import datetime, timezone\nx = datetime.now(timezone.utc)\n"
    )


def test_the_module_needs_no_new_import() -> None:
    text = "import datetime as dt\nx = dt.datetime.utcfromtimestamp(0)\n"

    assert rewritten(text) == (
        "import datetime as dt\nx = dt.datetime.fromtimestamp(0, tz=dt.timezone.utc)\n"
    )


def test_the_name_goes_to_its_place_in_the_alphabet() -> None:
    text = "from datetime import date, datetime, tzinfo\nx = datetime.utcnow()\n"

    assert rewritten(text).startswith("from datetime import date, datetime, timezone, tzinfo\n")


def test_names_that_stand_one_a_line_stay_so() -> None:
    text = "from datetime import (\n    datetime,\n    timedelta,\n)\nx = datetime.utcnow()\n"

    assert rewritten(text) == (
        "from datetime import (\n    datetime,\n    timedelta,\n    timezone,\n)\n"
        "x = datetime.now(timezone.utc)\n"
    )


@pytest.mark.parametrize("name", ["timezone", "UTC"])
def test_what_is_imported_already_is_used(name: str) -> None:
    text = f"from datetime import datetime, {name}\nx = datetime.utcnow()\n"
    utc = "UTC" if name == "UTC" else "timezone.utc"

    assert rewritten(text) == f"from datetime import datetime, {name}\nx = datetime.now({utc})\n"


def test_a_name_that_means_something_else_is_not_taken() -> None:
    text = (
        "from datetime import datetime\nfrom django.utils import timezone\n"
        "x = datetime.utcnow(), timezone.now()\n"
    )

    assert rewritten(text) == (
        "from datetime import datetime, timezone as datetime_timezone\n"
        "from django.utils import timezone\n"
        "x = datetime.now(datetime_timezone.utc), timezone.now()\n"
    )


def test_an_import_inside_a_function_gets_the_name_there() -> None:
    text = (
        "def now():\n    from datetime import datetime\n\n    return datetime.utcnow()\n\n\n"
        "def other():\n    import datetime\n\n    return datetime.datetime.utcnow()\n"
    )

    assert rewritten(text) == (
        "def now():\n    from datetime import datetime, timezone\n\n"
        "    return datetime.now(timezone.utc)\n\n\n"
        "def other():\n    import datetime\n\n"
        "    return datetime.datetime.now(datetime.timezone.utc)\n"
    )


def test_a_function_that_is_handed_over_becomes_a_lambda() -> None:
    text = "from datetime import datetime\nmade = field(default_factory=datetime.utcnow)\n"

    assert "default_factory=lambda: datetime.now(timezone.utc))" in rewritten(text)


def test_a_default_becomes_a_lambda_too_and_elsewhere_it_has_brackets() -> None:
    text = (
        "from datetime import datetime\ndef f(now=datetime.utcnow): return [datetime.utcnow][0]\n"
    )

    assert rewritten(text).endswith(
        "def f(now=lambda: datetime.now(timezone.utc)): "
        "return [(lambda: datetime.now(timezone.utc))][0]\n"
    )


def test_a_byte_order_mark_stays() -> None:
    text = "\ufeffimport datetime\nx = datetime.datetime.utcnow()\n"

    assert UtcDatetimes().rewrite("a.py", text).text == (
        "\ufeffimport datetime\nx = datetime.datetime.now(datetime.timezone.utc)\n"
    )


def test_a_z_behind_an_isoformat_does_not_stand_behind_an_offset() -> None:
    text = 'from datetime import datetime\nx = datetime.utcnow().isoformat() + "Z"\n'

    assert 'datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")\n' in rewritten(text)


def test_calls_over_several_lines_and_other_letters_keep_their_layout() -> None:
    text = 'from datetime import datetime\ngröße = "é", datetime.utcfromtimestamp(\n    stamp,\n)\n'

    assert rewritten(text).endswith(
        'größe = "é", datetime.fromtimestamp(\n    stamp,\n    tz=timezone.utc,\n)\n'
    )


def test_another_librarys_utcnow_is_not_touched() -> None:
    text = "import arrow\nx = arrow.utcnow()\n"

    assert UtcDatetimes().rewrite("a.py", text).text == text


def test_a_datetime_of_unclear_origin_is_left_and_named() -> None:
    rewrite = UtcDatetimes().rewrite("a.py", "from clocks import *\nx = datetime.utcnow()\n")

    assert rewrite.places == 0
    assert rewrite.left == ("a.py:2: where this datetime comes from is unclear.",)


def test_a_call_in_an_fstring_is_changed_or_named_but_never_spoilt() -> None:
    text = 'from datetime import datetime\nx = f"at {datetime.utcnow():%Y}"\n'

    rewrite = UtcDatetimes().rewrite("a.py", text)

    ast.parse(rewrite.text)
    assert rewrite.places + len(rewrite.left) == 1


def test_what_is_no_python_3_is_left_and_named() -> None:
    rewrite = UtcDatetimes().rewrite("a.py", "print datetime.utcnow()\n")

    assert rewrite.text == "print datetime.utcnow()\n"
    assert "does not parse" in rewrite.left[0]
