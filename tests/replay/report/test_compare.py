"""Two versions on the same calls: what counts as better, and what may be chance."""

from __future__ import annotations

import pytest

from ivr.replay.engine.score import Response, Result
from ivr.replay.report.compare import Comparison, Difference, compare, worse_than


def call(name: str, **known: object) -> Result:
    made = Result(name, "repair", truth="t")
    for key, value in known.items():
        setattr(made, key, value)
    return made


def routes(*right: bool) -> dict[str, Result]:
    return {f"{n:03}": call(f"{n:03}", route_right=one) for n, one in enumerate(right)}


def figure(found: Comparison, name: str) -> Difference:
    return next(one for one in found.differences if one.figure.name == name)


@pytest.mark.parametrize(("gained", "verdict"), [(0, "same"), (3, "same"), (5, "same"), (6, "better"), (12, "better")])
def test_a_few_calls_that_got_better_may_be_chance(gained: int, verdict: str) -> None:
    old = routes(*[False] * 20, *[True] * 63)
    new = routes(*[n < gained for n in range(20)], *[True] * 63)
    route = figure(compare(old, new), "route_accuracy")
    assert route.verdict == verdict
    assert route.low <= route.change <= route.high and route.change == pytest.approx(gained / 83)
    assert (route.p < 0.05) == (verdict == "better")


def test_newcombe_s_own_example() -> None:
    """Newcombe 1998, table II: 36 both, 12 only the first, 2 only the second, 0 neither; difference 0.2, 0.0569 to 0.3404."""
    first = [*[True] * 36, *[True] * 12, *[False] * 2]
    second = [*[True] * 36, *[False] * 12, *[True] * 2]
    route = figure(compare(routes(*second), routes(*first)), "route_accuracy")
    assert route.change == pytest.approx(0.2)
    assert (route.low, route.high) == (pytest.approx(0.0569, abs=2e-4), pytest.approx(0.3404, abs=2e-4))


def test_calls_that_only_one_side_brings_home_do_not_make_it_slower() -> None:
    old = {f"{n:02}": call(f"{n:02}", route_right=n < 20, audio_s=10.0) for n in range(40)}
    new = {f"{n:02}": call(f"{n:02}", route_right=True, audio_s=10.0 if n < 20 else 30.0) for n in range(40)}
    found = compare(old, new)
    assert figure(found, "seconds_to_place").change == 0 and figure(found, "route_accuracy").verdict == "better"


def test_response_times_that_the_machine_may_have_made_are_the_same() -> None:
    def timed(ms: float) -> dict[str, Result]:
        return {f"{n}": call(f"{n}", responses=[Response(1.0, 600.0, ms, 1.0, 20.0)]) for n in range(30)}

    assert figure(compare(timed(10.0), timed(20.0)), "response_p50_ms").verdict == "same"
    assert figure(compare(timed(10.0), timed(90.0)), "response_p50_ms").verdict == "worse"


def test_a_call_that_was_changed_is_not_the_same_call() -> None:
    old, new = routes(True, True), routes(True, False)
    new["001"].truth = "another"
    found = compare(old, new)
    assert found.calls == 1 and found.only_old == found.only_new == ("001",) and not found.turned


def test_worse_calls_are_counted_and_named() -> None:
    found = compare(routes(True, True, False), routes(True, False, True))
    assert worse_than(found, None) == [] == worse_than(found, 1)
    assert worse_than(found, 0) == ["worse is 1, at most 0 calls may come out worse: 001"]
    assert found.json()["better"] == ["002"] and found.json()["worse"] == ["001"]
