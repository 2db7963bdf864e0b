from hypothesis import given
from hypothesis import strategies as st

from mobility.analysis.duty import COMPARED, Duty, Pace, drive, read_duty, wait
from mobility.data.tables import read_tables
from mobility.network.costs import read_rules

RULES = read_rules(read_tables().rules)
H, KM = 3_600_000, 1_000_000
ALONE, CREW, CONVOY = (
    read_duty(RULES, 1, convoy=False),
    read_duty(RULES, 2, convoy=False),
    read_duty(RULES, 2, convoy=True),
)
# (minutes of driving, of waiting at its end), at 50 km/h
LEGS = st.lists(st.tuples(st.integers(1, 900), st.integers(0, 90)), max_size=4)


def travel(duty, pace, legs):
    for minutes, pause in legs:
        pace, _ = drive(duty, pace, minutes * H // 60, minutes * 50 * KM // 60)
        pace = wait(duty, pace, pause * H // 60)
    return pace


@given(st.integers(0, 9 * 60), st.integers(0, 9 * 60), LEGS)
def test_who_drove_less_alone_never_arrives_later(one, other, legs):
    def after(minutes):
        driven = minutes * H // 60
        return Pace(0, driven, driven % ALONE.break_after)

    less, more = sorted(map(after, (one, other)))
    if all(a <= b for a, b in zip(less[:COMPARED], more[:COMPARED], strict=True)):
        assert travel(ALONE, less, legs).now <= travel(ALONE, more, legs).now


@given(
    st.sampled_from([ALONE, CREW, CONVOY]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([25, 40, 50]),
)
def test_a_road_cut_in_two_takes_as_long(duty, first, second, kph):
    whole, _ = drive(duty, Pace(), (first + second) * H, (first + second) * kph * KM)
    half, _ = drive(duty, Pace(), first * H, first * kph * KM)
    again, _ = drive(duty, half, second * H, second * kph * KM)
    assert again == whole


def test_a_halt_takes_of_the_march_day_and_not_of_the_driving_time():
    duty = Duty(10 * H, 8 * H, 56 * H, 11 * H, refuel_every_mm=380 * KM, refuel=H)
    # 7.6 h driven, 0.4 h left to drive, 2.4 h left of the march day
    pace, stands = drive(duty, Pace(), 8 * H, 400 * KM)
    assert [stand.kind for stand in stands] == ["refuel"]
    assert pace.now == 9 * H
