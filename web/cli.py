"""``rapport``: the one door of the command line. Exit codes: 0 done, 1 refused with a reason, 2 wrong use."""

from __future__ import annotations

from typing import Any

import click

from matcher.errors import MatcherError
from web import settings
from web.commands.alliance import alliance
from web.commands.assign import assign
from web.commands.audit import audit
from web.commands.backtest import backtest
from web.commands.backup import backup, restore
from web.commands.clinic import clinic
from web.commands.database import database
from web.commands.demo import demo
from web.commands.erase import erase
from web.commands.fit import fit
from web.commands.importing import import_files
from web.commands.keys import keys
from web.commands.match import match
from web.commands.people import people
from web.commands.replay import replay
from web.commands.serve import serve
from web.commands.sign_out import sign_out
from web.commands.simulate import simulate
from web.commands.solve import solve
from web.commands.token import token
from web.commands.weights import weights
from web.commands.worker import worker


class Rapport(click.Group):
    """Every refusal that is meant for people becomes a sentence and exit code 1, whichever command it comes from."""

    def invoke(self, ctx: click.Context) -> Any:
        from sqlalchemy.exc import DBAPIError

        from web.db.crypto import NoKey
        from web.db.schema import SchemaError
        from web.exchange.problems import BadInput
        from web.services.clinics import ClinicTrouble
        from web.services.weight_troubles import WeightsTrouble

        try:
            return super().invoke(ctx)
        except BadInput as bad:
            raise click.ClickException("\n".join(problem.say() for problem in bad.problems)) from bad
        except WeightsTrouble as trouble:
            from web.wording.weights import say_trouble

            raise click.ClickException(say_trouble(trouble.code, trouble.params)) from trouble
        except (MatcherError, ClinicTrouble, SchemaError, NoKey, settings.WrongSetting) as refused:
            raise click.ClickException(str(refused)) from refused
        except DBAPIError as error:  # its text may hold values of rows
            kind = type(error.orig).__name__
            raise click.ClickException(f"The database refused ({kind}). Nothing was changed; try again.") from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # its text may hold what somebody wrote, and a terminal is often a log
            from web.logs import places

            where = "\n".join(f"  {place}" for place in places(error))
            raise click.ClickException(
                f"Our mistake ({type(error).__name__}); please report these places:\n{where}"
            ) from error


@click.group(cls=Rapport, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rapport")
def main() -> None:
    """Therapist matching that learns from the alliance."""
    settings.single_threaded_arithmetic()


for command in (
    demo,
    serve,
    worker,
    database,
    keys,
    backup,
    restore,
    clinic,
    people,
    token,
    audit,
    import_files,
    erase,
    fit,
    backtest,
    match,
    assign,
    replay,
    weights,
    alliance,
    simulate,
    solve,
):
    main.add_command(command)

people.add_command(sign_out)

if __name__ == "__main__":
    main()
