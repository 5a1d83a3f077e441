"""Functions, projects and tables of runs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_mlops.display import words
from jupyter_mlops.display.artifacts import amount, columns
from jupyter_mlops.display.markup import GLYPHS, Html, chip, facts, link, page, pair, pieces, table, tag
from jupyter_mlops.records import Function, Input, Parameter, Return, Runtime


def function_bundle(
    function: Function, *, change: str = "", path: Path | None = None, base: Path | None = None
) -> dict[str, str]:
    """Return the card of a Function; ``change`` says what is different from the version before."""
    return {
        "text/html": function_html(function, change=change, path=path, base=base),
        "text/plain": function_text(function, change=change),
    }


def function_html(function: Function, *, change: str = "", path: Path | None = None, base: Path | None = None) -> str:
    """Return the card of a Function as HTML."""
    where = link("notebook", words.relative(path, base)) if path and base else ""
    head = [
        tag("strong", function.name),
        tag("code", words.short(function.version), cls="jmo-muted", title="version"),
        tag("span", change, cls="jmo-muted"),
        tag("span", where, cls="jmo-rest"),
    ]
    body = facts(
        ("about", function.description),
        ("inputs", pieces(tag("span", *_input(item), cls="jmo-pair") for item in function.inputs)),
        ("returns", pieces(tag("code", _return(item), cls="jmo-pair") for item in function.returns)),
        ("runtime", pieces(pair(name, value) for name, value in runtime(function.runtime))),
        ("run it", tag("code", how_to_run(function))),
    )
    return page(tag("div", tag("div", pieces(head), cls="jmo-head"), _parameters(function.parameters), body, cls="jmo-card"))


def _parameters(parameters: Sequence[Parameter]) -> Html:
    if not parameters:
        return Html("")
    rows = [
        [tag("code", each.name), tag("code", each.hint or "", cls="jmo-muted"), _default(each), each.help] for each in parameters
    ]
    return tag("div", table(["parameter", "type", "default", "about"], rows))


def _default(parameter: Parameter) -> Html:
    if parameter.default is None:
        return tag("span", "required", cls="jmo-muted")
    return tag("code", words.one_line(parameter.default, 60), title=parameter.default)


def _input(item: Input) -> list[object]:
    """An input as it would be declared; an address of its default only on hovering, as it is long and says little."""
    default = tag("span", " = …", cls="jmo-muted", title=item.default) if item.default else ""
    return [tag("code", item.name, tag("span", f": {item.hint}" if item.hint else "", cls="jmo-muted"), default)]


def _return(item: Return) -> str:
    key = f"{item.variable} as {item.key}" if item.variable else item.key
    return f"{key}:{item.kind}" if item.kind else key


def runtime(given: Runtime) -> list[tuple[str, str]]:
    """Return what a Function asks of its execution, as its options are written; what is as usual is left out."""
    pairs = [
        ("kernel", given.kernel or ""),
        ("timeout", words.span(given.timeout) if given.timeout else ""),
        ("cell-timeout", words.span(given.cell_timeout) if given.cell_timeout else ""),
        ("retries", str(given.retries) if given.retries else ""),
        ("backoff", words.span(given.backoff) if given.retries else ""),
        ("memory", words.size(given.memory) if given.memory else ""),
        ("env", " ".join(given.env)),  # names only: values may be secrets
    ]
    return [(name, text) for name, text in pairs if text]


def how_to_run(function: Function, *, shell: bool = False) -> str:
    """Return the magic, or the command, that runs a Function, with what has to be given."""
    first = next((each for each in function.parameters if not each.required and len(each.default or "") < 30), None)
    given = [f"{each.name}=…" for each in function.parameters if each.required]
    if first and not given and first.default and " " not in first.default:
        word = first.default.strip("'\"") if shell else first.default  # a shell takes quotes away itself
        given += [f"{first.name}={word}"] if not shell or word == shlex.quote(word) else []
    needed = [each.name for each in function.inputs if each.required]
    given += [f"-i {name}=FILE" if shell else f"{name}={{{name}}}" for name in needed]
    return " ".join(["jupyter mlops run" if shell else "%mlrun", function.name, *given])


def function_text(function: Function, *, change: str = "", shell: bool = False) -> str:
    """Return the card of a Function as plain text; ``shell``: with the command that runs it, not the magic."""
    lines = [f"Function {function.name} {words.short(function.version)}" + (f"  {change}" if change else "")]
    for each in function.parameters:
        hint = f": {each.hint}" if each.hint else ""
        default = f" = {words.one_line(each.default, 60)}" if each.default is not None else "  (required)"
        lines.append(f"  {each.name}{hint}{default}" + (f"  # {each.help}" if each.help else ""))
    rest = {
        "inputs": ", ".join(item.name + (f": {item.hint}" if item.hint else "") for item in function.inputs),
        "returns": ", ".join(map(_return, function.returns)),
        "runtime": " ".join(f"{name}={value}" for name, value in runtime(function.runtime)),
        "run it": how_to_run(function, shell=shell),
    }
    return "\n".join(lines + [f"  {label:<8} {text}" for label, text in rest.items() if text])


@dataclass(frozen=True, kw_only=True)
class ProjectView:
    """What a project's card shows."""

    name: str
    folder: Path
    description: str = ""
    functions: Sequence[str] = ()
    runs: Mapping[str, int] = field(default_factory=dict)
    artifacts: int = 0
    made: bool = False


def project_bundle(view: ProjectView) -> dict[str, str]:
    """Return the card of a project; ``runs`` counts them by state."""
    total = sum(view.runs.values())
    states = pieces([tag("span", f"{total:,}", cls="jmo-pair"), *(_counted(state, many) for state, many in view.runs.items())])
    made = tag("span", "new", cls="jmo-muted") if view.made else ""
    head = pieces([tag("strong", view.name), made, tag("span", view.folder, cls="jmo-muted jmo-rest")])
    body = facts(
        ("about", view.description),
        (
            "functions",
            pieces(tag("code", name, cls="jmo-pair") for name in view.functions) or tag("span", _first_step(), cls="jmo-muted"),
        ),
        ("runs", states if total else ""),
        ("artifacts", f"{view.artifacts:,}" if view.artifacts else ""),
    )
    where = f"made in {view.folder}" if view.made else str(view.folder)
    text = f"Project {view.name} ({where})\n  functions {', '.join(view.functions) or 'none'}; runs {total}"
    return {"text/html": page(tag("div", tag("div", head, cls="jmo-head"), body, cls="jmo-card")), "text/plain": text}


def _counted(state: str, many: int) -> Html:
    return tag("span", pieces([chip(state), many]), cls="jmo-pair")


def _first_step() -> str:
    return "none yet: begin a cell with %%mlfunction NAME"


def runs_html(rows: Sequence[Mapping[str, Any]], *, total: int | None = None) -> str:
    """Return a table of runs: those results and parameters that tell them apart, beside what every run has.

    Each row has ``id, name, function, state, reason``, ``started`` (UTC), ``duration`` (seconds), maps ``params``, ``results``.
    """
    head = tag("div", pieces([tag("strong", "Runs"), tag("span", amount(len(rows), total), cls="jmo-muted")]), cls="jmo-head")
    if not rows:
        return page(tag("div", head, tag("div", "No runs to show.", cls="jmo-muted", style="padding:12px"), cls="jmo-card"))
    results, params = telling(rows, "results"), telling(rows, "params", differing=True)
    header = ["run", "state", "started", "duration", *results, *params, "id"]
    body = [_run_row(row, results, params) for row in rows]
    first = 4 + len(results)
    right = [3, *range(4, first), *(first + index for index, key in enumerate(params) if _numeric(rows, key))]
    return page(tag("div", head, table(header, body, right=right), cls="jmo-card"))


def _run_row(row: Mapping[str, Any], results: Sequence[str], params: Sequence[str]) -> list[object]:
    name = pieces([tag("strong", row.get("name") or row.get("function") or "run")])
    shown = _cells(row, results, params)
    state = tag("span", chip(str(row["state"])), title=words.one_line(str(row.get("reason") or "")))
    return [
        name,
        state,
        when(row.get("started")),
        words.duration(_float(row.get("duration"))),
        *shown,
        tag("code", row["id"], cls="jmo-muted"),
    ]


def _cells(row: Mapping[str, Any], results: Sequence[str], params: Sequence[str]) -> list[str]:
    found = [_get(row, "results", key) for key in results] + [_get(row, "params", key) for key in params]
    return [words.number(value, 24) for value in found]


def runs_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of runs as plain text."""
    if not rows:
        return "No runs to show."
    results, params = telling(rows, "results"), telling(rows, "params", differing=True)
    header = ["run", "state", "started", "duration", *results, *params, "id"]
    body = []
    for row in rows:
        state = f"{GLYPHS.get(str(row['state']), '')} {row['state']}"
        cells = _cells(row, results, params)
        name = row.get("name") or row.get("function") or "run"
        body.append([name, state, when(row.get("started")), words.duration(_float(row.get("duration"))), *cells, row["id"]])
    return columns(header, body)


def telling(rows: Sequence[Mapping[str, Any]], key: str, *, differing: bool = False, most: int = 6) -> list[str]:
    """Return the names in the maps under ``key``, most common first; ``differing``: only those that runs differ in."""
    seen: dict[str, list[str]] = {}
    for row in rows:
        for name, value in (row.get(key) or {}).items():
            seen.setdefault(name, []).append(str(value))
    kept = [
        name for name, found in seen.items() if not differing or len(rows) == 1 or len(set(found)) > 1 or len(found) < len(rows)
    ]
    return sorted(kept, key=lambda name: -len(seen[name]))[:most]


def when(moment: Any) -> str:
    """Return the start of a run, given in UTC, in local time."""
    if not isinstance(moment, datetime) or moment != moment:  # a missing time in a DataFrame is NaT, unlike itself
        return "–"
    return words.moment((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _get(row: Mapping[str, Any], key: str, name: str) -> Any:
    value = (row.get(key) or {}).get(name)
    return "–" if value is None else value


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None


def _numeric(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    found = [(row.get("params") or {}).get(key) for row in rows]
    return all(value is None or words_are_a_number(str(value)) for value in found)


def words_are_a_number(text: str) -> bool:
    """Return whether text reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
