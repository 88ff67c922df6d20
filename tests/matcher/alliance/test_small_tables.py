"""Any small table, however empty or degenerate, is answered with finite numbers or refused in words."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.alliance import AllianceModel
from matcher.errors import InvalidInput
from tests.matcher.alliance.clinics import answered

CELLS = st.sampled_from([None, 0, 1, 2, 3.5, -1e6, 1e-9])
WORDS = st.sampled_from([None, "", "red", "blue", "7"])


@st.composite
def small_tables(draw):
    """Few ratings of few people, with columns that may be empty, constant, or the same as others."""
    n = draw(st.integers(0, 14))

    def column(of, rows=n):
        return draw(st.lists(of, min_size=rows, max_size=rows))

    table = {"client_id": column(st.sampled_from("abcd")), "therapist_id": column(st.sampled_from("stu"))}
    table |= {name: column(CELLS) for name in ("x", "z")[: draw(st.integers(0, 2))]}
    table |= {name: column(WORDS) for name in ("word",)[: draw(st.integers(0, 1))]}
    people = {"clients": {"client_id": list("abc"), "age": column(CELLS, 3), "kind": column(WORDS, 3)},
              "therapists": {"therapist_id": list("stv"), "years": column(CELLS, 3)}}  # fmt: skip
    chosen = {name: people[name] for name in people if draw(st.booleans())}
    return table, column(st.sampled_from([None, 0, 1, 1, 2, 5])), chosen


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_tables(), st.sampled_from([{}, {"blocks": ()}, {"method": "ml"}, {"random": ["x"]}, {"vary_by": ["x"]}]))
def test_any_small_table_is_answered_or_refused_in_words(given, params):
    table, score, people = given
    params = params if "x" in table or not {"random", "vary_by"} & params.keys() else {}
    try:
        model = AllianceModel(**params).fit(table, score, **people)
    except InvalidInput as refused:
        assert refused.field and refused.mend
        return
    answered(model)
    answered(model, {name: [*values[:3]] for name, values in table.items()})
    used = model.report_["rows_used"] + sum(model.report_["rows_left_out"].values())
    assert used == model.report_["rows_read"] == len(score)
