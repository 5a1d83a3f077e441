"""The magics: read the line, make one call of :class:`~jupyter_mlops.project.Project`, show what comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

from jupyter_mlops.errors import RunFailedError
from jupyter_mlops.hosts import completion, directive, display, grammar, live, pipeline_runs
from jupyter_mlops.hosts.arguments import Grammar, Line, tokens
from jupyter_mlops.hosts.calls import Call, magic, whole_number
from jupyter_mlops.hosts.session import Session
from jupyter_mlops.hosts.surroundings import data_variable, earlier_cells

if TYPE_CHECKING:
    from jupyter_mlops.defining import FunctionHandle
    from jupyter_mlops.project import Project
    from jupyter_mlops.runs import Run

ATTRIBUTES = ("kernel", "env", "timeout", "cell_timeout", "retries", "backoff", "memory")


@magics_class
class MlopsMagics(Magics):
    """``%mlproject %%mlfunction %%mlworkflow %mlrun %mlruns %mlartifacts %mlsql %mlpanel`` of one shell."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.session = Session(shell)

    @property
    def project(self) -> Project:
        return self.session.project()

    @line_magic
    @magic
    def mlproject(self, call: Call) -> Project:
        """Open a project, or make it; alone: show the project that is open.

        Examples::

            %mlproject churn            # the folder ./churn
            %mlproject ~/work/churn
            %mlproject                  # the one around the notebook
        """
        words = call.parse(grammar.PROJECT).words
        return self.session.open(call.meaning.text(words[0])) if words else self.project

    @line_cell_magic
    @magic
    def mlfunction(self, call: Call) -> FunctionHandle:
        """Make a Function of a cell, or of a notebook. The cell isn't run; run the Function with %mlrun.

        Leading literal assignments are its parameters. Names the cell uses but doesn't define are looked up in the notebook:
        modules become imports, functions and classes come along, plain values become parameters, data becomes inputs.
        As a first line, ``#| mlfunction NAME …`` means the same, and linters go on reading the cell as Python.

        Examples::

            %%mlfunction train --inputs data --returns model accuracy
            n_estimators: int = 100     # number of trees
            model = RandomForestClassifier(n_estimators).fit(data.drop(columns="y"), data["y"])
            accuracy = model.score(data.drop(columns="y"), data["y"])

            %mlfunction report --notebook report.ipynb --timeout 10m
            %mlfunction train           # show it
        """
        line = call.parse(grammar.FUNCTION)
        if not line.words:
            known = ", ".join(self.project.store.names()) or "none yet"
            raise UsageError(f"%mlfunction needs a NAME. Functions of this project: {known}. Usage: {grammar.FUNCTION.usage}")
        if call.cell is None and not line.options:
            return self.project.function(line.words[0])
        if call.cell is None and "notebook" not in line.options:
            how = "above a cell with %%mlfunction, or with --notebook FILE"
            raise UsageError(f"A Function is made {how}; %mlfunction {line.words[0]} without options shows it.")
        return self._define(line.words[0], call, line)

    @line_cell_magic
    @magic
    def mlworkflow(self, call: Call) -> Any:
        """Make a workflow of a cell in which calls of Functions are steps; or show one.

        Using a step's output makes an edge, loops and comprehensions unroll, a list of outputs gathers. The leading literal
        assignments are the workflow's parameters. Nothing is executed but the cell itself; run the workflow with %mlrun.

        Examples::

            %%mlworkflow nightly
            source = "data/raw.csv"
            raw = ingest(source=source)
            best = [train(data=raw.data, max_depth=d) for d in (2, 4, 8)]
            evaluate(models=[t.model for t in best], when="raw.rows > 100")

            %mlworkflow nightly                       # show it
            %mlworkflow nightly --code                # the Python for it
            %mlworkflow nightly --explain source=b.csv
        """
        return pipeline_runs.workflow(self.project, call)

    @line_cell_magic
    @magic
    def mlrun(self, call: Call) -> Any:
        """Run a Function in a kernel of its own, or a workflow, and show its progress, then its card. Gives back the run.

        ``k=v`` are parameters and inputs: Python literals, text, or notebook variables as ``{name}`` or ``$name``; an input is
        also a path or a ``store://`` URI. Inputs that aren't given are taken from the notebook's variable of that name.
        Above a cell: make a Function of the cell (named ``cell`` if you don't say) and run it at once.

        Examples::

            run = %mlrun train n_estimators=300 data={df} --tag stage=dev
            %mlrun train max_depth=8 data=data/train.parquet --bg
            %mlrun train@3f2a91c0 data=$df;      # an older version, and nothing shown

            %mlrun nightly source=b.csv --parallel 4 --until evaluate
            %mlrun --resume nightly               # what failed, was aborted or skipped in its last run
            %mlrun train --grid n_estimators=50,100 max_depth=4,8 --select max:accuracy --parallel 4

            %%mlrun --returns total
            total = sum(range(10))
        """
        line = call.parse(grammar.RUN_LINE if call.cell is None else grammar.RUN_CELL)
        if call.cell is not None:
            name = self._define(line.words[0] if line.words else "cell", call, line).name
        elif line.words:
            name = line.words[0]
        elif "resume" not in line.options:
            raise UsageError(f"%mlrun needs the NAME of a Function or workflow. Usage: {grammar.RUN_LINE.usage}")
        else:
            name = line.options["resume"]
        if (shown := pipeline_runs.preview(self.project, name, call, line)) is not None:
            return shown
        if start := pipeline_runs.starter(self.project, name, call, line):
            return self._show(start, call, {}, later=bool(line.options.get("bg")))
        return self._run(name, call, line)

    @line_magic
    @magic
    def mlruns(self, call: Call) -> Any:
        """Return the runs, newest first, as a DataFrame with a column for every parameter and result.

        Examples::

            %mlruns
            %mlruns function = 'train' AND accuracy > 0.9 --order-by "accuracy DESC"
            failed = %mlruns state = 'error'
        """
        from jupyter_mlops.hosts import frames  # here: pandas is heavy

        where, line = _condition(call, grammar.RUNS)
        limit = whole_number("--limit", line.options.get("limit", str(frames.LIMIT)))
        found = self.project.runs(where, line.options.get("order_by"))
        return frames.runs(found, self._details(list(found["id"][:limit])))

    @line_magic
    @magic
    def mlartifacts(self, call: Call) -> Any:
        """Return the artifacts, newest first, as a DataFrame; ``.handles`` are the artifacts, to ``load()``.

        Examples::

            %mlartifacts
            %mlartifacts model --tag best
            plots = %mlartifacts --kind plot
        """
        from jupyter_mlops.hosts import frames  # here: pandas is heavy

        line = call.parse(grammar.ARTIFACTS)
        found = self.project.artifacts(key=line.words[0] if line.words else None, **line.options)
        return frames.artifacts(found, {each.uid: each.tags for each in found[: frames.LIMIT]})

    @line_cell_magic
    @magic
    def mlsql(self, call: Call) -> Any:
        """Query the project's catalog with DuckDB's SQL, read-only. Gives back a DataFrame.

        Tables: runs, params, results, metrics, artifacts, artifact_tags, run_inputs, functions, tags, cells;
        views: run_table, lineage.

        Examples::

            %mlsql SELECT function, max(accuracy) FROM runs GROUP BY ALL

            %%mlsql --out best
            SELECT id, accuracy FROM runs
            ORDER BY accuracy DESC LIMIT 3
        """
        query, line = (call.line, Line()) if call.cell is None else (call.cell, call.parse(grammar.SQL))
        if call.cell is None:
            line, query = _leading_options(call, grammar.SQL)
        if not query.strip():
            raise UsageError(f"%mlsql needs a query. Usage: {grammar.SQL.usage}")
        frame = self.project.sql(query)
        if name := line.options.get("out"):
            self.session.shell.user_ns[name] = frame
        return frame

    @line_magic
    @magic
    def mlpanel(self, call: Call) -> Any:
        """Show runs, workflows and artifacts in the cell, to look at and to act on. Gives back the panel.

        Examples::

            %mlpanel                              # the table of runs
            %mlpanel runs accuracy > 0.9
            %mlpanel workflow nightly             # the editor
            panel = %mlpanel compare 20261124-083512-k3v9x2ab 20261124-083519-a1b2c3d4
            panel.selected_runs
        """
        from jupyter_mlops.hosts import panel  # here: widgets are heavy

        line = call.parse(grammar.PANEL)
        if line.words[:1] != ["runs"]:  # what follows there is SQL
            line.words = [call.meaning.text(word) for word in line.words]
        return panel.asked(self.project, line)

    def _define(self, name: str, call: Call, line: Line) -> FunctionHandle:
        options = line.options
        tag = options.get("tag")
        made = self.project.define(
            name,
            call.cell,
            notebook=options.get("notebook"),
            inputs=options.get("inputs", ()),
            returns=options.get("returns", ()),
            namespace=call.meaning.namespace,
            cells=earlier_cells(self.shell),
            tag=tag if isinstance(tag, str) else None,
            description=options.get("description", ""),
            **{key: options[key] for key in ATTRIBUTES if key in options},
        )
        for note in made.notes:
            print(note)
        return made

    def _details(self, ids: list[str]) -> list[dict[str, Any]]:
        """Return the runs with these ids, in this order, with their params and results."""
        listed = ", ".join(f"'{each}'" for each in ids)
        rows = {row["id"]: row for row in self.project.run_rows(f"id IN ({listed})")} if ids else {}
        return [rows[each] for each in ids if each in rows]

    def _run(self, name: str, call: Call, line: Line) -> Any:
        options, project = line.options, self.project
        params, inputs, notes = self._given(project.function(name), call, line)
        tags = options.get("tag")
        order: dict[str, Any] = {
            "params": params,
            "inputs": inputs,
            "name": options.get("name"),
            "tags": tags,
            "origin": "notebook",
        }
        if call.cell is None:  # a cell's Function has them already
            order |= {key: options[key] for key in ("timeout", "retries") if key in options}
        if options.get("dry_run"):
            return display.DryRun(project.dry_run(name, **{**order, "tags": tags or {}}), name)
        return self._show(partial(project.run, name, **order), call, notes, later=bool(options.get("bg")))

    def _show(self, start: Callable[..., Run], call: Call, notes: dict[str, str], *, later: bool) -> Run:
        """Start a run with ``start(background=…, on_start=…)`` and show it, till its end or from a thread."""
        return self._show_later(start(background=True), call, notes) if later else self._show_now(start, call, notes)

    def _show_now(self, start: Callable[..., Run], call: Call, notes: dict[str, str]) -> Run:
        """Run in the foreground under a live card; an interrupt and a failure end in one line."""
        started: list[tuple[Run, live.Card | live.Line | live.Nothing]] = []

        def watch(run: Run) -> None:
            card = live.Nothing() if call.quiet else live.card(self.shell, run, base=self.session.folder(), notes=notes)
            started.append((run, card))
            live.follow(run, card)

        try:
            run = start(on_start=watch)
        except RunFailedError as failure:
            if not call.quiet:  # the card has the traceback
                failure.details = []
            raise
        except KeyboardInterrupt:
            if not started:
                raise
            run, card = started[0]
            live.settle(run, card)
            raise RunFailedError(f"{run.name} was interrupted and is {run.state} (run {run.id}).", run) from None
        if not call.quiet:
            self.session.shown.add(run)
        return run

    def _show_later(self, run: Run, call: Call, notes: dict[str, str]) -> Run:
        if not call.quiet and hasattr(self.shell, "kernel"):
            # an object of its own for the thread: a Run remembers how far it has read
            live.follow_in_background(self.project.get_run(run.id), live.Card(run, base=self.session.folder(), notes=notes))
            self.session.shown.add(run)
        return run

    def _given(self, function: FunctionHandle, call: Call, line: Line) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
        """Return params and inputs as given, and what the notebook's own variables add; with what to say about the inputs."""
        hints = {each.name: each.hint for each in function.record.parameters}
        names = {each.name for each in function.record.inputs} - set(hints)
        params = {name: call.meaning.value(text, hints.get(name)) for name, text in line.pairs.items() if name not in names}
        inputs = {name: call.meaning.value(text) for name, text in line.pairs.items() if name in names}
        notes = {name: line.pairs[name].strip("${}") for name, value in inputs.items() if not _is_reference(value)}
        for name in sorted(names - set(inputs)):
            if data_variable(name, call.meaning.namespace):
                inputs[name] = call.meaning.namespace[name]
                notes[name] = "from the notebook"
        return params, inputs, notes


def _is_reference(value: Any) -> bool:
    """Whether an input is said by where it is, which the card shows by itself."""
    return isinstance(value, str | Path) or type(value).__module__.startswith("jupyter_mlops.")


def _condition(call: Call, rules: Grammar) -> tuple[str | None, Line]:
    """Split a line into SQL and the options after it."""
    start = next((word.start for word in tokens(call.line) if word.text.startswith("--")), len(call.line))
    rest = Call(call.line[start:], None, call.meaning, call.quiet).parse(rules)
    return call.line[:start].strip() or None, rest


def _leading_options(call: Call, rules: Grammar) -> tuple[Line, str]:
    """Split a line into the options before SQL, and the SQL, which is left as it is."""
    line = call.line.lstrip()
    if not line.startswith("--"):
        return Line(), call.line
    words = line.split(None, 1 if "=" in line.split(None, 1)[0] else 2)
    count = 1 if "=" in words[0] else 2
    options = Call(" ".join(words[:count]), None, call.meaning, call.quiet).parse(rules)
    return options, words[count] if len(words) > count else ""


def load(shell: Any) -> None:
    """Register the magics, the directive, completion and formatters; once, however often it is called."""
    if "mlrun" in shell.magics_manager.magics["line"] and getattr(shell, "_mlops", None):
        return
    magics = MlopsMagics(shell)
    shell._mlops = magics
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(directive.transform)
    shell.events.register("pre_run_cell", magics.session.shown.new_cell)
    display.register(shell, magics.session.shown, magics.session.folder)
    completion.register(shell, magics.session)
    magics.session.warm_up()


def unload(shell: Any) -> None:
    """Take everything away again that :func:`load` registered."""
    magics = getattr(shell, "_mlops", None)
    if magics is None:
        return
    for kind in ("line", "cell"):
        for name in grammar.GRAMMARS:
            shell.magics_manager.magics[kind].pop(name, None)
    shell.input_transformers_cleanup.remove(directive.transform)
    shell.events.unregister("pre_run_cell", magics.session.shown.new_cell)
    display.unregister(shell)
    completion.unregister(shell)
    shell._mlops = None
