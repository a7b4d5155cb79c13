"""`ehcp`: every command of the platform, registered in one place."""

from typing import Any

import typer
from typing_extensions import override

from services.cli import (
    access,
    audit,
    clients,
    contract,
    directory,
    doctor,
    entitled,
    importing,
    index_keys,
    key_backups,
    keys,
    migrating,
    plans,
    replaying,
    retention,
    rules,
    serving,
    signals,
    subject_access,
    subscribing,
    tokens,
    topics,
    views,
    work,
)
from services.cli.talk import say
from services.logs import catch_the_rest, configure_logging, faults_without_text


class Program(typer.Typer):
    """The command line as a process: whatever goes wrong in it, no word of a plan is printed with it."""

    @override
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command that was typed."""
        configure_logging("warning")
        catch_the_rest()
        with faults_without_text(say):
            return super().__call__(*args, **kwargs)


app = Program(
    name="ehcp",
    help="EHCP Exchange: the record of Education, Health and Care Plans.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
plan = typer.Typer(help="Read and check plans.", no_args_is_help=True)
app.add_typer(plan, name="plan")
read_models = typer.Typer(help="The read models: how far they are, and making one anew.", no_args_is_help=True)
app.add_typer(read_models, name="views")
told = typer.Typer(help="Signals: how far they are, and what subscribers did not take.", no_args_is_help=True)
app.add_typer(told, name="signals")
workers = typer.Typer(help="The platform's workers as processes.", no_args_is_help=True)
app.add_typer(workers, name="work")
auditing = typer.Typer(help="Hold the logs to what was signed of them.", no_args_is_help=True)
app.add_typer(auditing, name="audit")
kafka_topics = typer.Typer(help="The topics in Kafka: what is declared, what is there.", no_args_is_help=True)
app.add_typer(kafka_topics, name="topics")
organisations = typer.Typer(help="Councils, schools, NHS bodies and the systems that sign in.", no_args_is_help=True)
app.add_typer(organisations, name="directory")
machines = typer.Typer(help="Systems that sign in for an organisation.", no_args_is_help=True)
organisations.add_typer(machines, name="clients")
given = typer.Typer(help="Sessions and tokens that were given out: end them.", no_args_is_help=True)
app.add_typer(given, name="access")
council_keys = typer.Typer(help="The councils' keys: list, exchange, destroy.", no_args_is_help=True)
app.add_typer(council_keys, name="keys")

records = typer.Typer(
    help="Records whose time is over: what is due, destroying it, certificates.", no_args_is_help=True
)
app.add_typer(records, name="retention")

editions = typer.Typer(help="Which editions of the rules count: list, adopt, withdraw.", no_args_is_help=True)
app.add_typer(editions, name="rules")

app.command("serve")(serving.serve)
app.command("import")(importing.import_files)
app.command("replay")(replaying.replay)
app.command("subject-access")(subject_access.subject_access)
app.command("subscribe")(subscribing.subscribe)
app.command("token")(tokens.token)
app.command("openapi")(contract.openapi)
app.command("migrate")(migrating.migrate)
app.command("doctor")(doctor.doctor)
plan.command("show")(plans.show)
plan.command("history")(plans.history)
plan.command("diff")(plans.diff)
plan.command("entitled")(entitled.entitled)
plan.command("disclosures")(plans.disclosures)
plan.command("possible-breaches")(plans.possible_breaches)
plan.command("check")(plans.check)
read_models.command("status")(views.status)
read_models.command("rebuild")(views.rebuild)
read_models.command("unpark")(views.unpark)
organisations.command("import")(directory.import_extract)
organisations.command("show")(directory.show)
machines.command("add")(clients.add)
machines.command("list")(clients.list_clients)
machines.command("rotate")(clients.rotate)
machines.command("revoke")(clients.revoke)
given.command("end")(access.end)
given.command("list")(access.list_endings)
council_keys.command("list")(keys.list_keys)
council_keys.command("rotate")(keys.rotate)
council_keys.command("rewrap")(keys.rewrap)
council_keys.command("rotate-index")(index_keys.rotate_index)
council_keys.command("destroy")(keys.destroy)
told.command("status")(signals.status)
told.command("dead-letters")(signals.letters)
told.command("replay")(signals.replay)
told.command("unpark")(signals.unpark)
council_keys.command("backup")(key_backups.backup)
council_keys.command("restore")(key_backups.restore)
auditing.command("checkpoint")(audit.checkpoint)
auditing.command("check")(audit.check)
auditing.command("rotate-key")(audit.rotate_key)
records.command("list")(retention.list_due)
records.command("propose")(retention.propose)
records.command("withdraw")(retention.withdraw)
records.command("erase")(retention.erase)
records.command("certificate")(retention.certificate)
records.command("certificates")(retention.certificates)
editions.command("list")(rules.list_rules)
editions.command("show")(rules.show)
editions.command("adopt")(rules.adopt)
editions.command("withdraw")(rules.withdraw)
editions.command("check")(rules.check)
workers.command("projector")(work.projector)
workers.command("router")(work.router)
workers.command("publisher")(work.publisher)
workers.command("notary")(work.notary)
workers.command("deliverer")(work.deliverer)
workers.command("all")(work.everything)
kafka_topics.command("plan")(topics.plan)
kafka_topics.command("apply")(topics.apply)

if __name__ == "__main__":
    app()
