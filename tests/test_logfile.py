"""``log.txt`` keeps colours, and shows a line that was written over as it is."""

from __future__ import annotations

import pytest

from jupyter_mlops.execution.logfile import LogFile, plain, settled


@pytest.fixture
def written(tmp_path):
    """What the file holds after these writes."""

    def write(*texts: str) -> str:
        path = tmp_path / "log.txt"
        with LogFile(path) as log:
            for text in texts:
                log.write(text)
        return path.read_bytes().decode()

    return write


def test_colours_stay_and_all_else_that_a_terminal_does_is_left_out(written):
    link = "\x1b]8;;javascript:alert(1)\x1b\\link\x1b]8;;\x1b\\"
    assert written(f"\x1b[1;31mred\x1b[0m \x1b[2K\x1b[3A{link}\x1b]0;title\x07\n") == "\x1b[1;31mred\x1b[0m link\n"


def test_a_colour_that_comes_in_two_pieces_stays(written):
    assert written("\x1b[3", "1mred\n") == "\x1b[31mred\n"


def test_a_coloured_progress_bar_is_one_line(written):
    bar = [f"\r\x1b[32m{n}%\x1b[0m" for n in range(3)]
    assert written(*bar, "\r\x1b[0m\nend\n") == "\x1b[32m2%\x1b[0m\x1b[0m\nend\n"


def test_what_is_written_over_takes_the_colour_that_holds(written):
    assert written("\x1b[31mold\rnew\n") == "\x1b[31mnew\n"
    assert settled("\x1b[31mold\x1b[0m\rnew") == "new"


def test_a_backspace_takes_a_letter_and_no_half_of_a_colour():
    assert settled("ab\b\x1b[31mc") == "a\x1b[31mc"


def test_plain_text_has_no_colours():
    assert plain("\x1b[38;5;9mred\x1b[m") == "red"
