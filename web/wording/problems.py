"""What is wrong with an answer in a form, in plain words: one sentence per code of the schema."""

from __future__ import annotations

from matcher.checks import MAX_TEXT
from web.wording.language import _


def say_problem(code: str) -> str:
    """The sentence for a code of the schema."""
    sentences = {
        "too_long": _("Please shorten this to %(most)s characters. All that you typed is still here.", most=MAX_TEXT),
        "control_character": _("There is a character here that cannot be seen. Please type this again by hand."),
        "lost_letter": _("A letter was lost on the way. Please type this again."),
        "unknown_word": _("Please choose one of the answers that are offered."),
        "too_few": _("Please choose at least one."),
        "too_many": _("Please choose fewer."),
        "repeated": _("This stands here twice. Please keep one of the two."),
        "options_missing": _("Please choose at least one, or say that you have no preference."),
        "strength_missing": _("Please say how much this matters to you."),
        "int_type": _("Please write a number, such as 70 or 70.50."),
        "float_type": _("Please choose one of the answers that are offered."),
        "string_type": _("Please choose one of the answers that are offered."),
        "bool_type": _("Please choose one of the answers that are offered."),
        "out_of_range": _("Please write a number that can be right."),
        "amount": _("Please write an amount such as 70 or 70.50."),
        "whole_number": _("Please write a whole number such as 2."),
        "day": _("Please write a day such as 2026-03-02."),
        "time": _("Please write a time of day such as 18:30."),
        "missing": _("Please answer this."),
    }
    return sentences.get(code, _("We cannot read this answer. Please try again."))
