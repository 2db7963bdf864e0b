import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobility.analysis.predict import Part, predict
from mobility.analysis.routing import find_routes
from mobility.network.arcs import Z95
from mobility.network.build import build_network
from tests.toy import toy


def lognormal_sigma(part):
    return math.log(part.p95_h / part.median_h) / Z95


def test_one_part_keeps_its_median_and_95th_percentile():
    # sigma 0.35 about 20 h: 35.6 h, and P(within 24 h) = 0.699
    hours = predict([Part(20, 20 * math.exp(Z95 * 0.35))])
    assert hours.quantile_h(0.5) == pytest.approx(20, rel=0.002)
    assert hours.quantile_h(0.95) == pytest.approx(35.57, rel=0.002)
    assert hours.probability(24) == pytest.approx(0.699, abs=0.002)


def test_the_mean_is_that_of_the_log_normal_distribution():
    part = Part(2, 12)
    mean = 2 * math.exp(lognormal_sigma(part) ** 2 / 2)
    assert lognormal_sigma(part) == pytest.approx(1.089, abs=0.001)
    assert mean == pytest.approx(3.62, abs=0.01)
    # the grid ends beyond the 99.9th percentile: what lies there is missing
    assert predict([part]).mean_h == pytest.approx(mean, rel=0.02)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 30), st.floats(1.05, 4)), min_size=1, max_size=6)
)
def test_sums_agree_with_a_simulation(pairs):
    parts = [Part(median, median * factor) for median, factor in pairs]
    random = np.random.default_rng(1)
    drawn = sum(
        random.lognormal(math.log(part.median_h), lognormal_sigma(part), 40_000)
        for part in parts
    )
    hours = predict(parts)
    for share in (0.5, 0.95):
        expected = np.quantile(drawn, share)
        assert hours.quantile_h(share) == pytest.approx(expected, rel=0.03)


def test_what_does_not_vary_is_added():
    hours = predict([Part(3, 3), Part(2, 2)])
    assert (hours.quantile_h(0.05), hours.quantile_h(0.95)) == (5, 5)
    assert (hours.probability(4.9), hours.probability(5)) == (0, 1)
    shifted, alone = predict([Part(3, 3), Part(2, 6)]), predict([Part(2, 6)])
    assert shifted.quantile_h(0.95) == pytest.approx(alone.quantile_h(0.95) + 3)


def test_a_route_tells_how_its_hours_vary():
    tables = toy(
        ("l1", "a", "x|AL|MK", 60),
        ("l2", "x|AL|MK", "c", 60, {"country": "MK"}),
    )
    (route,) = find_routes(build_network(tables), "a", "c", within_h=5)
    assert route.time_h == 4
    assert 4 < route.time_median_h < route.time_p95_h
    assert route.planning_time_index == pytest.approx(route.time_p95_h / 2)
    assert 0.5 < route.probability < 0.95
    more = find_routes(build_network(tables), "a", "c", within_h=9)[0].probability
    assert more > route.probability
