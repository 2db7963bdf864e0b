import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from mobility.analysis.composite import (
    COMPONENTS,
    agreement,
    components,
    composite,
    default_weights,
    read_weights,
)
from mobility.data.tables import read_tables
from mobility.errors import InputError
from mobility.network.costs import read_rules


def frame(**columns):
    size = len(next(iter(columns.values())))
    blank = {column: [0.0] * size for column in COMPONENTS.values()}
    blank |= {"detour_ratio": [1.0] * size, "betweenness": [0.5] * size}
    return pd.DataFrame(blank | columns, index=list("abcdefgh")[:size])


def test_components_run_from_nought_to_one_the_worst_highest():
    made = frame(
        loss_h=[4.0, 1.0, math.nan],
        detour_ratio=[math.inf, 2.0, 0.5],
        shortfalls=[0, 3, 6],
    )
    found = components(made)
    assert found["loss"].tolist() == [1.0, 0.25, 0.0]
    assert found["detour"].tolist() == [1.0, 0.5, 0.0]
    assert found["shortfalls"].tolist() == [0.0, 0.5, 1.0]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 2), min_size=2, max_size=8))
def test_agreement_is_kendalls_tau_b(rows):
    first, second = zip(*rows, strict=True)
    found = agreement(frame(cut_off=list(first), no_choice=list(second)))
    told = kendalltau(first, second).statistic
    assert found.loc["cut_off", "no_choice"] == pytest.approx(told, nan_ok=True)


def test_what_lies_on_no_best_route_is_no_part_of_the_agreement():
    made = frame(cut_off=[1, 2, 9], no_choice=[1, 2, 0], betweenness=[1, 1, 0])
    assert agreement(made).loc["cut_off", "no_choice"] == 1


def test_the_composite_is_the_weighted_mean_and_ranks_move_within_their_range():
    #        loss  cut_off      a leads by loss, b by cut off
    made = frame(loss_h=[1.0, 0.0, 0.0], cut_off=[0.0, 0.8, 0.1])
    found = composite(made, {"loss": 1, "cut_off": 1}, variation=0.5)
    assert found["composite"].tolist() == pytest.approx([0.5, 0.4, 0.05])
    assert found["composite_rank"].tolist() == [1, 2, 3]
    # without loss a is last; without cut off b and c are last together
    assert found["rank_best"].tolist() == [1, 1, 2]
    assert found["rank_worst"].tolist() == [3, 2, 3]


def test_weights_need_not_add_up_and_may_name_what_places_lack():
    made = frame(cut_off=[1.0, 0.0])
    places = made.drop(columns=["detour_ratio"])
    weights = {"cut_off": 2, "detour": 5}
    found = composite(places, weights, variation=0.5)
    assert found["composite"].tolist() == [1.0, 0.0]


def test_weights_are_read_as_a_user_writes_them():
    assert read_weights("loss=1, cut_off = 2.5") == {"loss": 1.0, "cut_off": 2.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no component ''"),
        ("los=1", "no component 'los'; there are loss"),
        ("loss", "weight 'loss' should be a name and a number, loss=0.6"),
        ("loss=x", "weight 'loss=x' should be a name and a number"),
        ("loss=-1", "weight of 'loss', -1, should be a number"),
        ("loss=nan", "weight of 'loss', nan, should be a number"),
        ("loss=inf", "weight of 'loss', inf, should be a number"),
        ("loss=0,cut_off=0", "weights are all 0"),
        ("loss=1,loss=2", "weights name 'loss' twice"),
    ],
)
def test_weights_that_are_none_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_weights(text)


def test_default_weights_are_rules_and_add_up_to_one():
    weights = default_weights(read_rules(read_tables().rules))
    assert list(weights) == list(COMPONENTS)
    assert sum(weights.values()) == pytest.approx(1)
