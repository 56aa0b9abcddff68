"""``envgym rewards``: what can be paid for, how a program came to its sum, who won."""

import typer

from envgym.cli.rewards_check import check
from envgym.cli.rewards_grade import grade
from envgym.cli.rewards_list import listing
from envgym.cli.rewards_probe import probe
from envgym.cli.rewards_report import report
from envgym.cli.rewards_show import show
from envgym.cli.rewards_tournament import tournament

app = typer.Typer(
    help="Look up, check, explain and probe reward programs; rank recorded rollouts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("list")(listing)
app.command("show")(show)
app.command("check")(check)
app.command("grade")(grade)
app.command("report")(report)
app.command("tournament")(tournament)
app.command("probe")(probe)
