"""``jupyter mlops``: the verbs of a project on the command line. Only argparse is imported until a verb is known."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from jupyter_mlops import __version__, errors

EXITS = """exit codes:
  0    done; a run completed
  1    a run ended in error
  2    bad usage, parameter, input, name, notebook, query or project.yaml
  3    no such project, function, workflow, run or artifact
  4    the worker, the catalog, the disk or a kernel can't be used
  130  aborted or interrupted
"""
NOT_FOUND = (
    errors.FunctionNotFoundError,
    errors.WorkflowNotFoundError,
    errors.RunNotFoundError,
    errors.ArtifactNotFoundError,
)
MACHINE = (errors.WorkerError, errors.CatalogError, errors.StorageError, errors.KernelError)
Add = Callable[[str, str, str], argparse.ArgumentParser]
INTERRUPTED, BROKEN_PIPE = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parse(argv)
    module, _, verb = arguments.verb.partition(":")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            code = getattr(import_module(f"jupyter_mlops.hosts.{module}"), verb)(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # `jupyter mlops runs | head`: whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except errors.MlopsError as problem:
        print(f"jupyter mlops: {' '.join(str(problem).split())}", file=sys.stderr)
        return exit_code(problem)
    return int(code or 0)


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    """Print a warning as one line, without the place in our code that it comes from."""
    print(f"jupyter mlops: {' '.join(str(message).split())}", file=sys.stderr)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; ``run NAME --bg k=v`` too, where argparse gives up on a word after an option."""
    reader = parser()
    if not (sys.argv[1:] if argv is None else argv):
        reader.print_help()
        raise SystemExit(2)
    arguments, rest = reader.parse_known_args(argv, argparse.Namespace(project=None, json=False))
    options = [word for word in rest if word.startswith("-")]
    if options or (rest and not hasattr(arguments, "values")):
        reader.error(f"unrecognized arguments: {' '.join(options or rest)}")
    if rest:
        arguments.values = [*arguments.values, *rest]
    return arguments


def exit_code(problem: errors.MlopsError) -> int:
    """Return the exit code for an error."""
    if isinstance(problem, NOT_FOUND) or type(problem).__name__ == "ProjectNotFoundError":
        return 3
    if isinstance(problem, errors.RunFailedError):
        return 1
    return 4 if isinstance(problem, MACHINE) else 2


def parser() -> argparse.ArgumentParser:
    """Return the whole command line."""
    common = argparse.ArgumentParser(add_help=False)
    # SUPPRESS: `-C x run` and `run -C x` mean the same, and the default of one must not undo the other
    common.add_argument("-C", "--project", metavar="PATH", default=argparse.SUPPRESS, help="the project's folder, or one in it")
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    top = argparse.ArgumentParser(
        prog="jupyter mlops",
        description="Projects, Functions, Runs and Artifacts, with nothing to deploy.",
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(metavar="VERB", required=True)

    def add(name: str, verb: str, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(verb=verb)
        return made

    _project_verbs(add)
    _run_verbs(add)
    _workflow_verbs(verbs, common, add)
    _artifact_verbs(add)
    return top


def _project_verbs(add: Add) -> None:
    init = add("init", "cli_project:init", "Make a project.")
    init.add_argument("path", nargs="?", default=".", help="its folder, made if needed (default: here)")
    init.add_argument("--name", help="its name (default: the folder's)")

    define = add("define", "cli_project:define", "Make or change a Function from a file with a cell's code, or a notebook.")
    define.add_argument("name")
    source = define.add_mutually_exclusive_group(required=True)
    source.add_argument("--file", metavar="CELL.py", help="the code; - for standard input")
    source.add_argument("--notebook", metavar="X.ipynb", help="a whole notebook")
    define.add_argument("--inputs", nargs="+", action="extend", default=[], metavar="NAME[:TYPE]", help="data that comes in")
    define.add_argument(
        "--returns", nargs="+", action="extend", default=[], metavar="NAME[:KIND]", help="variables that are kept"
    )
    define.add_argument("--kernel", help="the kernelspec's name")
    define.add_argument("--env", action="append", default=[], metavar="K=V", help="an environment variable; may be repeated")
    define.add_argument("--timeout", metavar="10m", help="for a whole run")
    define.add_argument("--cell-timeout", metavar="60s", help="for one cell")
    define.add_argument("--retries", type=int, metavar="N")
    define.add_argument("--backoff", metavar="5s", help="before the first retry; doubles each time")
    define.add_argument("--memory", metavar="2G", help="the most a run may use")
    define.add_argument("--tag", help="a name for this version: NAME:TAG")
    define.add_argument("--description", default="")

    functions = add("functions", "cli_project:functions", "List the Functions, or show one.")
    functions.add_argument("name", nargs="?")

    sql = add("sql", "cli_project:sql", "Ask the catalog; read-only.")
    sql.add_argument("query", help="SQL; - for standard input")
    add("rebuild", "cli_project:rebuild", "Make the catalog anew from the runs' folders and the journal.")
    worker = add("worker", "cli_project:worker", "See or stop the process that runs Functions.")
    worker.add_argument("what", choices=["status", "stop"])


def _run_verbs(add: Add) -> None:
    about = "Run a Function or a workflow; its log or its steps are shown while it runs, and Ctrl-C aborts it."
    run = add("run", "cli_workflows:run", about)
    run.add_argument("name", nargs="?", metavar="NAME[@VERSION|:TAG]")
    _common_to_runs(run)
    run.add_argument("--timeout", metavar="10m")
    run.add_argument("--retries", type=int, metavar="N")
    run.add_argument("--dry-run", action="store_true", help="print the notebook that would run; of a workflow, what explain says")
    part = run.add_argument_group("of a workflow")
    part.add_argument("--parallel", type=int, metavar="N", help="so many steps at once (default: one a core)")
    part.add_argument("--no-cache", action="store_true", help="reuse nothing")
    part.add_argument("--from", dest="from_step", metavar="STEP", help="this step and all after it")
    part.add_argument("--only", action="append", metavar="STEP", help="just this step; may be repeated")
    part.add_argument("--until", metavar="STEP", help="this step and all before it")
    part.add_argument("--resume", metavar="RUN", help="run again what failed, was aborted or skipped in that run")

    runs = add("runs", "cli_runs:runs", "List runs, newest first.")
    runs.add_argument("--where", metavar="SQL", help="such as \"state = 'error'\" or \"results['accuracy'] > 0.9\"")
    runs.add_argument("--order-by", metavar="SQL")
    runs.add_argument("-n", "--limit", type=int, default=50, metavar="N", help="at most this many (default 50; 0 for all)")
    reference: dict[str, Any] = {"metavar": "RUN", "help": "an id, its beginning or end, or a name, whose latest run is meant"}
    add("show", "cli_runs:show", "Show what became of a run.").add_argument("run", **reference)
    logs = add("logs", "cli_runs:logs", "Print a run's log.")
    logs.add_argument("run", **reference)
    logs.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    abort = add("abort", "cli_runs:abort", "End runs and all their processes.")
    abort.add_argument("runs", nargs="+", **reference)


def _common_to_runs(run: argparse.ArgumentParser) -> None:
    run.add_argument("values", nargs="*", metavar="K=V", help="parameters as Python literals (text needs no quotes), and inputs")
    run.add_argument("-i", "--input", action="append", default=[], metavar="NAME=PATH|URI", help="an input; may be repeated")
    run.add_argument("--bg", action="store_true", help="print the run's id and return at once")
    run.add_argument("--name", dest="title", help="a name for the run")
    run.add_argument("--tag", action="append", default=[], metavar="K=V", help="may be repeated")


def _workflow_verbs(verbs: Any, common: argparse.ArgumentParser, add: Add) -> None:
    about = "Make, show, or explain workflows."
    kinds = verbs.add_parser("workflow", help=about, description=about).add_subparsers(metavar="VERB", required=True)

    def verb(name: str, called: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = kinds.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(verb=f"cli_workflows:{called}")
        return made

    define = verb("define", "define", "Make or change a workflow from a file of Python or YAML.")
    define.add_argument("name")
    define.add_argument("--file", required=True, metavar="WF.py|WF.yaml", help="- for standard input")
    define.add_argument("--yaml", action="store_true", help="the file is YAML, whatever its name")
    define.add_argument("--description", default="")
    verb("show", "show", "Show its steps.").add_argument("name")
    code = verb("code", "code", "Print the Python that defines it.")
    code.add_argument("name")
    code.add_argument("--yaml", action="store_true", help="its file instead")
    explain = verb("explain", "explain", "Say which steps would be reused, which would run, and why.")
    explain.add_argument("name")
    explain.add_argument("values", nargs="*", metavar="K=V")
    verb("list", "workflows", "List the workflows.")
    _sweep_verb(add)


def _sweep_verb(add: Add) -> None:
    sweep = add("sweep", "cli_workflows:sweep", "Run a Function or a workflow at many points, and find the best.")
    sweep.add_argument("name", metavar="NAME[@VERSION|:TAG]")
    _common_to_runs(sweep)
    points = sweep.add_mutually_exclusive_group()
    points.add_argument("--grid", action="store_true", help="all combinations of k=1,2,3; the first name varies fastest")
    points.add_argument("--list", action="store_true", help="the first value of each, the second of each, ...")
    points.add_argument("--random", type=int, metavar="N", help='by chance; values may be ranges or "loguniform(1e-4, 1)"')
    points.add_argument("--optuna", type=int, metavar="N", help="chosen by Optuna as results come")
    points.add_argument("--params-file", metavar="FILE", help="from a .csv, .tsv or .json file")
    sweep.add_argument("--seed", type=int, metavar="N", help="of the points by chance")
    sweep.add_argument("--select", metavar="max:RESULT", help="what is best")
    sweep.add_argument("--stop", metavar="CONDITION", help='when enough is known: "accuracy >= 0.9"')
    sweep.add_argument("--max-errors", type=int, metavar="N", help="give up after more failed iterations")
    sweep.add_argument("--parallel", type=int, metavar="N", help="so many at once (default: one a core)")


def _artifact_verbs(add: Add) -> None:
    artifacts = add("artifacts", "cli_project:artifacts", "List artifacts, newest first.")
    artifacts.add_argument("--kind", help="dataset, model, plot, table, file or dir")
    artifacts.add_argument("--key")
    artifacts.add_argument("--tag")
    load = add("load", "cli_project:load", "Print an artifact, or copy its bytes to a file.")
    load.add_argument("uri", help="store://KIND/PROJECT/KEY[:TAG], or KEY[:TAG]")
    load.add_argument("-o", "--output", metavar="FILE")


if __name__ == "__main__":
    sys.exit(main())
