"""Python's parser in a process whose threads parse at once."""

from __future__ import annotations

import ast
import gc
import threading
import time

import pytest

from jupyter_mlops import syntax

SOURCE = "\n".join(f"x{number} = [1, (2, {{'a': {number}}})]" for number in range(20))


def test_threads_may_parse_at_once():
    """The garbage collections let another thread go on in the middle of it; without care 1 of 100 fails on Python 3.11."""
    problems: list[Exception] = []

    def work(depth: int) -> None:
        try:
            if depth:
                return work(depth - 1)
            for _ in range(150):
                assert ast.dump(syntax.parse(SOURCE)) == wanted
        except Exception as problem:
            problems.append(problem)

    def give_way(*_: object) -> None:
        time.sleep(0)

    wanted = ast.dump(ast.parse(SOURCE))
    thresholds = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    try:
        threads = [threading.Thread(target=work, args=(5 * number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(give_way)
    assert problems == []


@pytest.mark.parametrize("text", ["1", " [1, 'a']", "\t{'a': (1, None)}", "-1j", "b'x'"])
def test_a_literal_is_what_python_says(text):
    assert syntax.literal(text) == ast.literal_eval(text)


@pytest.mark.parametrize("text", ["f()", "1 +", "x", ""])
def test_what_is_no_literal_is_refused_as_python_does(text):
    with pytest.raises((ValueError, SyntaxError)) as ours:
        syntax.literal(text)
    with pytest.raises(type(ours.value)):
        ast.literal_eval(text)


def test_another_failure_is_not_tried_for_ever():
    def fail() -> None:
        raise SystemError("for good")

    with pytest.raises(SystemError, match="for good"):
        syntax.steadily(fail)
