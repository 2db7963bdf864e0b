import subprocess
import sys

import numpy as np
import pytest

from mobility.errors import InputError
from mobility.kernels import speed
from mobility.kernels.csr import build
from mobility.kernels.shortest import grow, tree


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_small_work_never_imports_a_compiler_nor_scipy():
    code = """
import sys
from mobility.kernels import alternatives, cuts, disjoint, flow, repair, replacement
from mobility.kernels import shortest, vital
from mobility.kernels.csr import build
count = 2000
tails = [i for i in range(count - 1) for _ in range(2)]
heads = [i + 1 for i in range(count - 1) for _ in range(2)]
graph = build(count, tails, heads, [1 + i % 7 for i in range(len(tails))])
ends = 0, count - 1
shortest.shortest(graph, *ends)
alternatives.different(graph, *ends, 3)
disjoint.link_disjoint(graph, *ends)
flow.max_flow(graph, [1] * len(tails), *ends)
cuts.weakness(graph)
vital.most_vital(graph, *ends, 1)
replacement.link_losses(graph, [ends[0]] * 50, [ends[1]] * 50)
print(sorted({"numba", "scipy", "networkx", "igraph"} & set(sys.modules)))
"""
    assert python(code) == "[]"


@pytest.mark.parametrize(
    "command", [["route", "durres", "constanta", "-k", "3"], ["places"]]
)
def test_commands_on_the_corridors_never_wait_for_a_compiler(command):
    code = f"""
import sys
from click.testing import CliRunner
from mobility.cli import main
done = CliRunner().invoke(main, {command!r})
assert done.exit_code == 0, done.output
print("numba" in sys.modules)
"""
    assert python(code) == "False"


def test_large_work_is_compiled_and_what_is_compiled_is_used_again():
    with speed.running("interpreted"):
        assert not speed.is_worth_compiling(grow, 10**12)
    with speed.running("compiled"):
        assert speed.is_worth_compiling(grow, 0)
        tree(build(2, [0], [1], [1]), 0)
    assert speed.is_worth_compiling(grow, speed.LARGE + 1)
    assert speed.is_worth_compiling(grow, speed.LARGE_ONCE_COMPILED + 1)
    assert not speed.is_worth_compiling(grow, speed.LARGE_ONCE_COMPILED)


def test_without_numba_large_work_is_interpreted_and_asking_for_more_is_refused(
    monkeypatch,
):
    monkeypatch.setattr(speed, "find_spec", lambda name: None)
    assert not speed.is_worth_compiling(lambda: None, 10**12)
    with (
        pytest.raises(InputError, match=r"pip install 'mobility-corridors\[fast\]'"),
        speed.running("compiled"),
    ):
        pass


def test_a_speed_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="'warp' is none of"), speed.running("warp"):
        pass


def test_a_grid_of_ten_thousand_nodes_is_the_same_at_both_speeds():
    side = 100
    node = np.arange(side * side).reshape(side, side)
    right = np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    down = np.stack([node[:-1].ravel(), node[1:].ravel()])
    tails, heads = np.concatenate([right, down, right[::-1], down[::-1]], axis=1)
    weights = np.random.default_rng(1).integers(0, 3, len(tails))
    graph = build(side * side, tails, heads, weights)
    found = {}
    for name in ("interpreted", "compiled"):
        with speed.running(name):
            found[name] = tree(graph, 0)
    for field in ("distance", "arc", "order"):
        slow, fast = (getattr(found[name], field) for name in found)
        assert np.array_equal(slow, fast)
