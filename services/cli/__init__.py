"""The `fengqiao` command. It starts, asks and shows; nothing about disputes is decided.

Exit status: 0 done; 1 refused or failed, with the reason; 2 wrong use; 3 something needs
a person (`doctor` found a fault, a file has bad rows).
"""

from __future__ import annotations

import os
import sys

import typer
from pydantic import ValidationError

from deploy.errors import Explained
from services import logs
from services.cli import ask, backup, directory, files, misuse, operate, parked, rules
from services.cli.helping import in_both_languages
from services.cli.options import DONE, FAILED
from services.cli.words import both, in_json, in_words, text
from services.settings import Settings
from shared.events.errors import FengqiaoError

app = typer.Typer(
    help=text("help", "zh") + "\n\n" + text("help", "en"),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for module in (operate, files, ask, backup):
    app.registered_commands += module.app.registered_commands
app.add_typer(parked.app, name="parked", help=both("parked"))
app.add_typer(rules.app, name="rules", help=both("rules"))
app.add_typer(directory.app, name="directory", help=both("directory"))
app.add_typer(operate.topics, name="topics", help=both("topics"))
app.add_typer(operate.time, name="time", help=both("time"))
app.add_typer(operate.schemas, name="schemas", help=both("schemas"))
in_both_languages(app)


def main() -> None:
    """The entry point: errors as a sentence in two languages and an exit status."""
    try:
        settings = Settings()
        logs.set_up(settings.log_format, settings.log_level)
        sys.exit(app(prog_name="fengqiao", standalone_mode=False) or DONE)
    except typer.TyperException as error:
        sys.stderr.write(misuse.in_words(error))
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(FAILED)
    except FengqiaoError as error:
        told = in_json if "--json" in sys.argv else in_words
        sys.stderr.write(told(error))
        sys.exit(FAILED)
    except Explained as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(FAILED)
    except ValidationError as error:
        names = ", ".join(f"FENGQIAO_{e['loc'][0]}".upper() for e in error.errors())
        sys.stderr.write(both("bad_setting", names=names) + "\n")
        sys.exit(FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
