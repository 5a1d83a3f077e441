"""Workflows and sweeps as pictures and tables: right places, true states, and nothing a user wrote becomes markup."""

from __future__ import annotations

import re
from base64 import b64decode
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jupyter_mlops.display import RunView, run_bundle
from jupyter_mlops.display.dag import MANY, MOST, StepLine, dag, layout, line_text, steps_table, svg, workflow_bundle
from jupyter_mlops.display.sweeps import ROWS, iterations, parallel_coordinates
from jupyter_mlops.events import History
from jupyter_mlops.records import Parameter, Spec, State
from jupyter_mlops.workflows.nouns import Ref, Step, Workflow

EVIL = [
    "<script>alert(1)</script>",
    '"/><image href=x onerror=alert(1)>',
    "a & b",
    "\ud800 lone",
    "nul \x00 bell \x07",
    "\ufffe\uffff",
]
SVG = "{http://www.w3.org/2000/svg}"


def step(name: str, *needs: str, **more) -> Step:
    return Step(name=name, function="work", inputs={f"from_{need}": Ref(step=need, output="x") for need in needs}, **more)


def flow(*steps: Step, **more) -> Workflow:
    return Workflow(name="nightly", steps=steps, **more)


DIAMOND = flow(step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"))


def read(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def texts(drawn: str) -> list[str]:
    return [each.text for each in read(drawn).iter(f"{SVG}text") if each.text]


def cards(drawn: str) -> list[dict[str, str]]:
    """Return the attributes of the steps' frames, in the order of the steps."""
    return [group.findall(f"{SVG}rect")[-1 if len(group.findall(f"{SVG}rect")) < 3 else 1].attrib for group in groups(drawn)]


def groups(drawn: str) -> list[ElementTree.Element]:
    return [group for group in read(drawn).findall(f"{SVG}g") if group.find(f"{SVG}rect") is not None]


def inside(html: str) -> str:
    """Return the SVG that an image holds."""
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert found, html[:500]
    return b64decode(found[1]).decode()


def test_an_edge_passes_between_the_cards_of_a_column_that_it_skips():
    long = flow(step("a"), *(step(f"b{n}", "a") for n in range(3)), step("c", "b0", "b1", "b2", "a"))
    drawn = svg(long, {})
    boxes = [tuple(float(card[key]) for key in ("x", "y", "width", "height")) for card in cards(drawn)]
    edges = [each.attrib["d"] for each in read(drawn).iter(f"{SVG}path") if each.attrib.get("fill") == "none"]
    assert len(edges) == 7
    for edge in edges:
        for x, y in along(edge):
            assert not any(left < x < left + width and top < y < top + height for left, top, width, height in boxes), edge


def along(path: str) -> list[tuple[float, float]]:
    """Return points of a path of cubic curves."""
    stops = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.]+,[-\d.]+", path)]
    found = []
    for at in range(0, len(stops) - 1, 3):
        curve = stops[at : at + 4]
        for share in (n / 50 for n in range(51)):
            weights = ((1 - share) ** 3, 3 * (1 - share) ** 2 * share, 3 * (1 - share) * share**2, share**3)
            found.append(tuple(sum(w * point[axis] for w, point in zip(weights, curve, strict=True)) for axis in (0, 1)))
    return found


def test_each_step_stands_right_of_all_it_needs():
    places = layout(flow(step("a"), step("b", "a"), step("c", "a", "b"), step("d", "c", "a"), step("e")))
    assert {name: column for name, (column, _) in places.items()} == {"a": 0, "b": 1, "c": 2, "d": 3, "e": 0}


def test_no_two_steps_share_a_place():
    places = layout(flow(*(step(f"s{i}", *([f"s{i - 3}"] if i > 2 else [])) for i in range(40))))
    assert len(set(places.values())) == 40


def test_a_fan_is_centred_on_its_stem():
    places = layout(DIAMOND)
    assert places["a"][1] == places["d"][1] == (places["b"][1] + places["c"][1]) / 2


def test_rows_are_put_so_that_edges_need_not_cross():
    places = layout(flow(step("a"), step("b"), step("c"), step("x", "c"), step("y", "b"), step("z", "a")))
    edges = [("c", "x"), ("b", "y"), ("a", "z")]
    for (start, end), (other, last) in combinations(edges, 2):
        assert (places[start][1] - places[other][1]) * (places[end][1] - places[last][1]) > 0


def test_the_exit_handler_stands_behind_everything():
    places = layout(flow(step("a"), step("b", "a"), on_exit=step("on_exit")))
    assert places["on_exit"][0] > places["b"][0]


def test_a_workflow_without_steps_is_a_picture_too():
    assert read(svg(flow(), {})).tag == f"{SVG}svg"


def test_the_picture_names_every_step_and_draws_every_edge():
    drawn = svg(DIAMOND, {})
    assert [text for text in texts(drawn) if text in "abcd"] == ["a", "b", "c", "d"]
    assert drawn.count('fill="none" stroke=') == 4


@pytest.mark.parametrize("state", State)
def test_every_state_is_drawn(state):
    drawn = svg(flow(step("a")), {"a": StepLine(name="a", state=state)})
    assert len(groups(drawn)) == 1
    assert drawn != svg(flow(step("a")), {})


def test_no_two_states_look_alike():
    drawn = {
        state: re.sub(r"<text.*?</text>", "", svg(flow(step("a")), {"a": StepLine(name="a", state=state)})) for state in State
    }
    assert len(set(drawn.values())) == len(State)


def test_a_pending_step_is_dashed_and_a_completed_one_is_not():
    lines = {"a": StepLine(name="a", state=State.COMPLETED), "b": StepLine(name="b")}
    done, pending = cards(svg(flow(step("a"), step("b", "a")), lines))
    assert "stroke-dasharray" not in done
    assert "stroke-dasharray" in pending


def test_a_card_says_duration_and_the_first_number_found():
    line = StepLine(name="a", state=State.COMPLETED, seconds=96, results={"note": "x", "auc": 0.91234, "f1": 0.5})
    assert {"1m 36s", "auc 0.9123"} <= set(texts(svg(flow(step("a")), {"a": line})))


def test_a_card_says_why_a_step_failed():
    line = StepLine(name="a", state=State.ERROR, reason="ValueError: no")
    assert "ValueError: no" in texts(svg(flow(step("a")), {"a": line}))


def test_a_step_of_many_items_shows_the_range_of_what_they_found():
    found = {"auc": [0.75, 0.9, 0.5], "n": [3, 3], "word": ["x", "y"]}
    many = StepLine(name="a", state=State.COMPLETED, items="3/3", results=found)
    html, text = str(steps_table([many])), line_text(many)
    assert "0.5 … 0.9" in html and "['x', 'y']" in html.replace("&#x27;", "'")
    assert "auc=0.5 … 0.9 n=3 word=['x', 'y']" in text


def test_a_step_of_its_own_shows_a_list_as_it_is():
    assert "n=[1, 2]" in line_text(StepLine(name="a", state=State.COMPLETED, results={"n": [1, 2]}))


def test_a_card_of_many_items_says_how_many_are_done():
    many = step("a", foreach={"p": [1, 2]})
    drawn = svg(flow(many), {"a": StepLine(name="a", state=State.RUNNING, items="3/8")})
    assert any("3/8" in text for text in texts(drawn))
    assert drawn.count("<rect") > svg(flow(many), {"a": StepLine(name="a", state=State.RUNNING)}).count("<rect")


def test_a_definition_says_condition_and_fan_out():
    shown = texts(svg(flow(step("a", foreach={"p": [1]}), step("b", when="a.n > 1")), {}))
    assert "for each" in shown
    assert any(text.startswith("when a.n") for text in shown)


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_words_stay_text_in_the_picture(evil):
    lines = {
        "a": StepLine(name="a", state=State.ERROR, reason=evil),
        "b": StepLine(name="b", state=State.COMPLETED, results={evil: 1}),
    }
    drawn = svg(flow(step("a"), step("b", "a")), lines)
    assert {each.tag.removeprefix(SVG) for each in read(drawn).iter()} <= {"svg", "g", "rect", "path", "circle", "text", "mask"}


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_words_stay_text_in_the_tables(evil):
    line = StepLine(name=evil, reason=evil, results={evil: evil}, params={evil: evil}, state=State.COMPLETED)
    for html in (steps_table([line]), iterations([line, line], f"max:{evil}")):
        assert "<script" not in html
        assert "<image" not in html


def test_the_picture_is_an_image_so_that_untrusted_notebooks_keep_it():
    html = workflow_bundle(DIAMOND, {})["text/html"]
    assert "<svg" not in html
    assert texts(inside(html))


def test_the_image_can_be_heard():
    assert 'alt="a completed, b, c, d"' in dag(DIAMOND, {"a": StepLine(name="a", state=State.COMPLETED)})


def test_the_text_of_a_workflow_is_indented_by_what_comes_first():
    text = workflow_bundle(DIAMOND, {"a": StepLine(name="a", state=State.CACHED)})["text/plain"]
    assert text.splitlines() == ["nightly: 4 steps", "  a cached", "    b ← a", "    c ← a", "      d ← b, c"]


def test_parameters_are_shown_with_their_defaults():
    html = workflow_bundle(flow(step("a"), params=(Parameter(name="depth", default="3"), Parameter(name="path"))), {})[
        "text/html"
    ]
    assert ">depth=3<" in html
    assert ">path<" in html


def test_many_steps_are_drawn_small():
    few, many = (svg(flow(*(step(f"s{i}") for i in range(count))), {}) for count in (MANY, MANY + 1))
    assert float(cards(many)[0]["height"]) < float(cards(few)[0]["height"])


def test_three_hundred_steps_with_many_crossings_are_drawn_whole():
    steps = [step(f"s{i}", *{f"s{i // 2}", f"s{i * 7 // 11}"} - {f"s{i}"}) for i in range(300)]
    assert len(groups(svg(flow(*steps), {}))) == 300


def test_too_many_steps_for_a_picture_are_counted_instead():
    html = dag(flow(*(step(f"s{i}") for i in range(MOST + 1))), {})
    assert "<img" not in html
    assert "1,001 steps" in html


def test_a_chain_of_ten_thousand_steps_has_a_text():
    chain = flow(*(step(f"s{i}", *([f"s{i - 1}"] if i else [])) for i in range(10_000)))
    assert workflow_bundle(chain, {})["text/plain"].count("\n") == 10_000


def test_a_long_table_shows_the_failed_steps_and_counts_the_rest():
    lines = [StepLine(name=f"s{i}", state=State.COMPLETED) for i in range(99)] + [StepLine(name="bad", state=State.ERROR)]
    html = steps_table(lines)
    assert ">bad<" in html
    assert "and 60 more" in html


def test_a_line_of_text_says_all_that_matters():
    line = StepLine(name="train", state=State.COMPLETED, seconds=1.2, params={"n": 3}, results={"auc": 0.91}, reason="")
    assert line_text(line) == "✓ train completed 1.20 s n=3 auc=0.91"
    assert line_text(StepLine(name="x", state=State.SKIPPED, reason="bad failed")) == "– x skipped (bad failed)"


def test_what_goes_on_is_told_in_whole_seconds():
    assert line_text(StepLine(name="x", state=State.RUNNING, seconds=3.0)) == "● x running 3 s"


def point(number: int, params: dict, results: dict, **more) -> StepLine:
    return StepLine(name=str(number), state=State.COMPLETED, params=params, results=results, **more)


SWEEP = [point(i, {"depth": i, "lr": 10.0**-i, "kind": "ab"[i % 2]}, {"auc": i / 10, "loss": -i}, best=i == 5) for i in range(6)]


def test_the_plot_has_an_axis_for_each_param_and_the_result_that_is_selected():
    drawn = inside(parallel_coordinates(SWEEP, "auc"))
    assert [text for text in texts(drawn) if text in ("depth", "lr", "kind", "auc", "loss")] == ["depth", "lr", "kind", "auc"]


def test_the_plot_draws_a_curve_for_each_iteration_and_the_best_on_top():
    curves = read(inside(parallel_coordinates(SWEEP, "auc"))).findall(f"{SVG}path")
    assert len(curves) == 6
    assert float(curves[-1].attrib["stroke-width"]) > max(float(curve.attrib["stroke-width"]) for curve in curves[:-1])


def test_an_axis_over_decades_is_logarithmic():
    drawn = inside(parallel_coordinates([point(i, {"lr": 10.0**-i}, {"auc": i}) for i in range(5)], "auc"))
    starts = sorted(float(curve.attrib["d"].split(" ")[0].split(",")[1]) for curve in read(drawn).findall(f"{SVG}path"))
    gaps = [after - before for before, after in pairwise(starts)]
    assert max(gaps) - min(gaps) < 0.5


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [point(1, {"n": 1}, {"auc": 1.0})],
        [point(1, {"n": 1}, {}), point(2, {"n": 2}, {})],
        [point(1, {"n": 1}, {"auc": 1.0}), point(2, {"n": 1}, {"auc": 2.0})],
        [point(1, {"n": 1}, {"auc": float("nan")}), point(2, {"n": 2}, {"auc": float("inf")})],
        [point(1, {"n": 10**400}, {"auc": 1}), point(2, {"n": 2}, {"auc": 10**400})],
        [StepLine(name="1", params={"n": 1}), StepLine(name="2", params={"n": 2})],
    ],
)
def test_without_a_difference_to_show_there_is_no_plot(lines):
    assert parallel_coordinates(lines, "auc") == ""


def test_numbers_that_stretch_beyond_floats_are_no_scale():
    lines = [point(1, {"n": -1.7e308}, {"auc": 1.0}), point(2, {"n": 1.7e308}, {"auc": 2.0})]
    assert parallel_coordinates(lines, "auc") == ""


def test_iterations_stand_in_the_order_of_the_selected_result_with_the_best_marked():
    html = iterations(SWEEP, "max:auc")
    assert re.findall(r"<td[^>]*>(\d)\b", html)[0] == "5"
    assert html.count("★ best") == 1


def test_the_least_comes_first_where_it_is_the_best():
    lines = [point(i, {"n": i}, {"loss": 9.0 - i}) for i in range(4)]
    names = re.findall(r'<td style="text-align:left">(\d)<', iterations(lines, "min:loss"))
    assert names == ["3", "2", "1", "0"]


def test_a_failed_iteration_stands_last():
    lines = [StepLine(name="7", state=State.ERROR, params={"n": 1}), point(8, {"n": 2}, {"auc": 0.1})]
    assert re.findall(r'<td style="text-align:left">(\d)<', iterations(lines, "max:auc")) == ["8", "7"]


def test_many_iterations_stay_behind_a_click():
    lines = [point(i, {"n": i}, {"auc": i}) for i in range(ROWS + 5)]
    before, _, after = iterations(lines, "max:auc").partition("<details>")
    assert before.count("<tr>") == ROWS + 1
    assert "5 more" in after


def view(**more) -> RunView:
    history = History()
    history.add({"e": "state", "state": "running", "t": 1.0})
    history.add({"e": "state", "state": "completed", "t": 3.0, "reason": ""})
    plan = more.pop("plan", {})
    spec = Spec(id="20261124-083512-aaaaaaaa", project="p", name="nightly", plan=plan)
    return RunView(spec=spec, history=history, folder=Path("runs"), **more)


def test_the_card_of_a_workflow_run_has_picture_counts_and_table():
    lines = [StepLine(name=name, state=State.COMPLETED) for name in "abcd"]
    bundle = run_bundle(view(workflow=DIAMOND, lines=lines))
    assert "4 steps: 4 completed" in bundle["text/html"]
    assert texts(inside(bundle["text/html"]))
    assert "a completed, b completed" in bundle["text/plain"]


def test_the_card_of_a_sweep_names_the_best_iteration_in_plain_text():
    bundle = run_bundle(view(lines=SWEEP, plan={"sweep": {"select": "max:auc"}}))
    assert "6 iterations: 6 completed" in bundle["text/html"]
    assert "6 completed; best is ✓ 5 completed depth=5" in bundle["text/plain"]
