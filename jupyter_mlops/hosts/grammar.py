"""What each magic's line may hold: one table, of which parsing, completion, docstrings and the documentation's test are made."""

from __future__ import annotations

from jupyter_mlops.hosts.arguments import Grammar, Option
from jupyter_mlops.records import Kind

LIMITS = (
    Option("--timeout", "TIME", "end the run after this time: 90s, 10m, 1h30m"),
    Option("--retries", "N", "try again this often after an error"),
)
RUNTIME = (
    Option("--kernel", "NAME", "the kernelspec; by default the one this package is in"),
    Option("--env", "K=V", "an environment variable of the kernel; may be repeated", pairs=True),
    *LIMITS,
    Option("--cell-timeout", "TIME", "end the run when one cell takes longer"),
    Option("--backoff", "TIME", "wait before the first retry; doubles each time"),
    Option("--memory", "SIZE", "most memory the run may use: 500M, 2G"),
)
CAPTURE = (
    Option("--inputs", "NAME", "data that comes in", many=True),
    Option(
        "--returns", "NAME[:KIND]", "variables to keep: scalars as results, the rest as artifacts; X_train as x_train", many=True
    ),
    Option("--description", "TEXT", "what it does, in a line"),
)
RUN = (
    Option("--bg", help="return at once; the run goes on in the worker"),
    Option("--name", "NAME", "the run's name; by default the Function's"),
    Option("--tag", "K=V", "a tag of the run; may be repeated", pairs=True),
    Option("--dry-run", help="show the notebook that would run, or what a workflow would do, and run nothing"),
)
PLAN = (
    Option("--parallel", "N", "of a workflow or sweep: so many at once; by default one a core"),
    Option("--no-cache", help="of a workflow: reuse nothing"),
    Option("--from", "STEP", "of a workflow: this step and all after it", many=True),
    Option("--only", "STEP", "of a workflow: just these steps", many=True),
    Option("--until", "STEP", "of a workflow: this step and all before it", many=True),
    Option("--resume", "RUN", "run a workflow again, but only what failed, was aborted or skipped"),
)
SWEEP = (
    Option("--grid", help="all combinations of k=1,2,3: the first name varies fastest"),
    Option("--list", help="the first value of each, the second of each, …"),
    Option("--random", "N", "so many points by chance; values may be uniform(0, 1), loguniform(1e-4, 1), randint(1, 9)"),
    Option("--optuna", "N", "so many points, chosen by Optuna as results come"),
    Option("--params-file", "FILE", "points from a .csv or .json file"),
    Option("--select", "max:RESULT", "what is best: its results and artifacts become the sweep's"),
    Option("--stop", "CONDITION", 'enough is known: "accuracy >= 0.9"'),
    Option("--max-errors", "N", "give up after more failed iterations"),
    Option("--seed", "N", "of the points by chance"),
)

PROJECT = Grammar("%mlproject", "%mlproject [NAME|PATH]")
FUNCTION = Grammar(
    "%mlfunction",
    "%mlfunction NAME [--notebook FILE] [options], or %%mlfunction NAME [options] above a cell",
    (
        Option("--notebook", "FILE", "make the Function from this notebook, which is only read"),
        *CAPTURE,
        *RUNTIME,
        Option("--tag", "TAG", "name this version, to be run as NAME:TAG"),
    ),
)
WORKFLOW = Grammar(
    "%mlworkflow",
    "%mlworkflow NAME [--code | --yaml | --explain k=v …], or %%mlworkflow NAME [options] above a cell",
    (
        Option("--description", "TEXT", "what it does, in a line"),
        Option("--code", help="give back the Python for it"),
        Option("--yaml", help="give back its file"),
        Option("--explain", help="say which steps would be reused, which would run, and why"),
    ),
    pairs=True,
)
RUN_LINE = Grammar("%mlrun", "%mlrun NAME [k=v …] [options]", (*RUN, *LIMITS, *PLAN, *SWEEP), pairs=True)
RUN_CELL = Grammar("%%mlrun", "%%mlrun [NAME] [k=v …] [options]", (*RUN, *CAPTURE, *RUNTIME), pairs=True)
RUNS = Grammar(
    "%mlruns",
    "%mlruns [SQL condition] [options]",
    (
        Option("--order-by", "SQL", "the order; by default the newest first"),
        Option("--limit", "N", "how many to show; the table returned has all"),
    ),
    words=0,
)
ARTIFACTS = Grammar(
    "%mlartifacts",
    "%mlartifacts [KEY] [options]",
    (
        Option("--kind", "KIND", f"one of {', '.join(Kind)}", choices=tuple(kind.value for kind in Kind)),
        Option("--tag", "TAG", "those a tag names, such as latest"),
    ),
)
SQL = Grammar(
    "%mlsql",
    "%mlsql [--out NAME] QUERY, or %%mlsql [--out NAME] above a cell with the query",
    (Option("--out", "NAME", "keep the DataFrame in this variable"),),
    words=0,
)
VIEWS = ("runs", "run", "workflow", "compare", "artifacts", "artifact")
PANEL = Grammar(
    "%mlpanel",
    "%mlpanel [runs [QUERY] | workflow NAME | run ID | compare ID ID … | artifacts | artifact KEY] [--height N]",
    (Option("--height", "N", "pixels; by default 480"),),
    words=40,
)

GRAMMARS = {
    "mlproject": (PROJECT,),
    "mlfunction": (FUNCTION,),
    "mlworkflow": (WORKFLOW,),
    "mlrun": (RUN_LINE, RUN_CELL),
    "mlruns": (RUNS,),
    "mlartifacts": (ARTIFACTS,),
    "mlsql": (SQL,),
    "mlpanel": (PANEL,),
}
