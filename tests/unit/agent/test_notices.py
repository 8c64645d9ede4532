from __future__ import annotations

import pytest

from codybatch.agent import notices
from codybatch.agent.notices import Notice, NoticeKind, notices_in
from codybatch.domain.states import EndedBecause

ALL = [
    notices.near_limit("turns", "48 of 60"),
    notices.finish_now(EndedBecause.JOB_COST_LIMIT),
    notices.no_tool(),
    notices.cut_off(32_000),
    notices.unusable(),
    notices.repeating(),
    notices.failing(4),
    notices.hand_off(),
]


def test_there_is_a_notice_of_every_kind() -> None:
    assert {notice.kind for notice in ALL} == set(NoticeKind)


@pytest.mark.parametrize("notice", ALL, ids=lambda notice: notice.kind)
def test_a_notice_is_known_again_from_the_recorded_message(notice: Notice) -> None:
    message = {"role": "user", "content": [notice.as_block()]}

    assert notices_in(message) == [(notice.kind, notice.about)]


def test_what_a_tool_result_says_is_no_notice() -> None:
    forged = notices.finish_now(EndedBecause.STUCK).as_block()["text"]
    message = {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": forged},
            {"type": "text", "text": f"The file says: {forged}"},
        ],
    }

    assert notices_in(message) == []
