"""Every code that the matcher can emit has words, no word is an orphan, and the words keep the house's tone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from matcher import eligibility, remedies
from matcher import factors as factor_package
from matcher import vocabulary as v
from matcher.entities import WISH_VOCABULARY, Outlook, RankedMatch, Reason, Remedy
from matcher.factors.credibility import CLOSES
from matcher.factors.expectancy import HELPED_BY_MODALITY, HELPED_BY_STYLE
from matcher.factors.registry import FACTORS
from web.services.matching import UNREADABLE
from web.wording import evidence, fit_words, say, say_factor, say_note, say_refusal, say_remedy
from web.wording.evidence import FEWEST
from web.wording.lists import FACTORS as FACTOR_WORDS
from web.wording.lists import FIT, NOTES
from web.wording.reasons import CAUTIONS, REASONS
from web.wording.refusals import REFUSALS, REMEDIES

FACTOR_FILES = sorted(Path(factor_package.__file__).parent.glob("*.py"))
MATCHER = Path(factor_package.__file__).parents[1]


def first_arguments(path: Path, name: str) -> Iterator[str]:
    """Every text that is, or may become, the first argument of a call of ``name`` in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name and node.args:
            yield from (
                part.value
                for part in ast.walk(node.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def emitted() -> set[str]:
    """The codes of all reasons and cautions, read from the factors' code."""
    found = {code for path in FACTOR_FILES for code in first_arguments(path, "Reason")}
    return found | {"concern_main_field", "concern_experience"}  # chosen in a line of their own


EXAMPLES: dict[str, list[dict[str, str | int | float]]] = {
    "seen_similar": [{"n_clients": 38}],
    "seen_clients": [{"n_clients": 5}],
    "wish_met": [
        {"trait": trait, "option": option}
        for trait in WISH_VOCABULARY
        if trait != "modality"
        for option in WISH_VOCABULARY[trait].codes
    ],
    "style_match": [{"scale": s, "end": e} for s, e in product(v.STYLES.codes, ("left", "middle", "right"))],
    "style_gap": [{"scale": scale, "end": "left"} for scale in v.STYLES.codes],
    "wish_not_met": [{"trait": trait} for trait in WISH_VOCABULARY],
    **{
        code: [{"concern": concern} for concern in v.CONCERNS.codes]
        for code in ("concern_main_field", "concern_experience", "concern_some", "concern_not_listed")
    },
    "knows_community": [{"community": community} for community in v.COMMUNITIES.codes],
    "modality_met": [{"modality": modality} for modality in v.MODALITIES.codes],
    "trained": [{"training": training} for training in CLOSES],
    "helped_before": [{"help": code} for code in (*HELPED_BY_STYLE, *HELPED_BY_MODALITY)],
    "starts_soon": [{"days": days} for days in (0, 1, 7)],
    "long_wait": [{"days": days} for days in (7, 13, 14, 90)],
    "opening_fits": [{"time": time} for time in v.TIMES.codes],
    "near": [{"km": 0}, {"km": 5}],
    "far": [{"km": 20}],
    "takes_insurance": [{"insurance": insurance} for insurance in v.INSURANCES.codes],
    "years_in_practice": [{"years": 10}],
}
REMEDY_EXAMPLES: dict[str, dict[str, str | int | float]] = {
    "add_time": {"time": "mon_evening"},
    "raise_distance": {"km": 12},
    "add_format": {"format": "online"},
    "raise_fee": {"max_fee_cents": 7_000},
    "pay_yourself": {"max_fee_cents": 7_050},
    "add_language": {"language": "es"},
    "soften_wish": {"trait": "faith"},
    "wait_for_place": {},
}


def test_reasons_and_words_are_one_to_one() -> None:
    assert emitted() == set(REASONS) | set(CAUTIONS)
    assert not set(REASONS) & set(CAUTIONS)


def test_refusals_and_words_are_one_to_one() -> None:
    assert tuple(REFUSALS) == eligibility.CODES


def test_remedies_and_words_are_one_to_one() -> None:
    path = Path(remedies.__file__)
    emitted_codes = {*first_arguments(path, "Change"), *first_arguments(path, "Remedy"), "raise_fee", "pay_yourself"}
    assert emitted_codes == set(REMEDIES) == set(REMEDY_EXAMPLES)


def test_factors_and_words_are_one_to_one() -> None:
    assert list(FACTOR_WORDS) == [factor.code for factor in FACTORS]
    assert all(say_factor(code) == name for code, (name, _) in FACTOR_WORDS.items())


def test_notes_and_words_are_one_to_one() -> None:
    tree = ast.parse((MATCHER / "ranking.py").read_text(encoding="utf-8"))
    (notes,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_notes")
    codes = {node.value for node in ast.walk(notes) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    codes.add(UNREADABLE)  # known only to who keeps the models
    assert codes == set(NOTES)
    assert all(say_note(code) for code in codes)


def every_text() -> list[str]:
    said = [say(Reason(code, params)) for code in emitted() for params in EXAMPLES.get(code, [{}])]
    said += [say_refusal(code) for code in REFUSALS]
    said += [say_remedy(Remedy(code, params, 2)) for code, params in REMEDY_EXAMPLES.items()]
    factors = [text for words in FACTOR_WORDS.values() for text in words]
    said += [str(text) for text in (*NOTES.values(), *FIT.values(), *factors)]
    said += [evidence(outlook) for outlook in (None, *(an_outlook(n, m) for n, m in ((9, 9), (9, 0), (0, 0))))]
    return said


def test_every_text_is_short_plain_and_calm() -> None:
    texts = every_text()
    assert len(texts) > 200
    for text in texts:
        assert text[0].isupper() or text[0].isdigit(), text
        assert len(text) <= 110, text
        assert not re.search(r"[!{}_%]|\balliance\b|\bmatch score\b|\bmodality\b|\bcapacity\b|\bNone\b", text), text
        words = re.findall(r"[A-Za-z']+", text)
        assert len(words) <= 20, text


def an_outlook(n_clients: int, n_similar: int) -> Outlook:
    return Outlook(0.7, 0.1, 0.6, 0.8, 0.6, 0.05, 0.8, n_clients, n_similar)


@pytest.mark.parametrize("n", range(FEWEST))
def test_fewer_than_five_are_never_counted(n: int) -> None:
    assert not re.search(r"\d", evidence(an_outlook(n, n)))
    assert f"{FEWEST} clients" in evidence(an_outlook(FEWEST, n))


def test_a_second_change_is_named() -> None:
    remedy = Remedy("raise_fee", {"max_fee_cents": 7_000}, 1, Reason("raise_distance", {"km": 12}))
    assert say_remedy(remedy) == "Pay up to 70.00 a session, and also: travel up to 12 km (1 more person)"


@pytest.mark.parametrize(
    ("score", "words"),
    [(1.0, "Strong fit"), (0.65, "Strong fit"), (0.64, "Good fit"), (0.5, "Good fit"), (0.49, "Possible fit")],
)
def test_fit_words_follow_the_score(score: float, words: str) -> None:
    assert fit_words(RankedMatch("t", 1, score, (), (), None, None)) == words


def test_an_unknown_code_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(KeyError):
        say(Reason("no_such_code"))
