"""No query and no endpoint reads what a plan says other than past the one function that decides who may see it.

Read from the code itself: who imports what opens content, who names it, and that every public method of the services
that hand content out takes a caller and comes to `Access`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
#: What opens content: modules, and the names in them that no other module needs to open any.
OPENERS = {
    "services.plans": {"Plans"},
    "services.store.record_store": {"RecordStore"},
    "services.store.opening": {"EventOpener"},
    "services.projection.tables": {"current", "versions", "history", "worklist", "organisations", "clocks", "names"},
    "services.projection.reading": {"Lists"},
}
#: Who may hold one of those, and why that is no way around.
TRUSTED = {
    "services.bootstrap": "wires the services and hands content to nobody",
    "services.identity.wiring": "wires how people and machines sign in",
    "services.outside": "wires what leads to Kafka and MESH",
    "services.plans": "loads states for the services below",
    "services.reading": "asks for every read",
    "services.entitlements": "asks who is asking, and answers with relations and sections, never with text",
    "services.subject_access.collecting": "gathers for the service beside it, for whom that has decided",
    "services.subject_access.service": "asks who asks, and gives what two people have decided about",
    "services.subject_access.wiring": "wires how requests are answered",
    "services.numbers": "asks what the caller is shown, and answers with the place of an entry",
    "services.drafts": "asks for every working draft",
    "services.index_rotation": "reads identifiers from states to hash them again, and hands content to nobody",
    "services.worklists": "bounds every query by the caller's relations, and asks again for every find",
    "services.identity.inviting": "asks before it looks for the contact",
    "services.keeper.keeper": "asks for every act, and answers with a receipt",
    "services.keeper.companions": "writes what goes with an act that was asked for",
    "services.keeper.preparing": "decides and seals an act that was asked for",
    "services.keeper.receipts": "says where the caller's own acts stand",
    "services.keeper.repeats": "finds the caller's own earlier request",
    "services.keeper.resolving": "prepares an act that was asked for",
    "services.keeper.key_work": "follows acts up in the key store",
    "services.keeper.key_watch": "follows acts up that another process left, in the key store",
    "services.disclosures.accounting": "records what is shown, and hands out only what is recorded",
    "services.disclosures.breaches": "asks who is asking, and names readers of what was hidden, not what it said",
    "services.disclosures.emergency": "asks the reader, and opens an emergency only on a stated reason",
    "services.disclosures.ledger": "reads the log of disclosures for the lists below",
    "services.disclosures.listing": "asks before it lists who has seen a plan",
    "services.disclosures.repeats": "finds the caller's own earlier request",
    "services.disclosures.reviews": "asks before an entry is reviewed",
    "services.disclosures.tasks": "keeps the reviews that a council owes, without content",
    "services.retention.erasing": "destroys what two people have decided about, and says so without content",
    "services.retention.listing": "asks for the role and the council, and answers with ids, codes and dates",
    "services.retention.merged": "asks what holds merged records back, and answers with ids, codes and dates",
    "services.retention.readers": "keeps who had read a destroyed record, without a word of it",
    "services.retention.telling": "shows certificates, which hold no content, to parties",
    "services.signals.feed": "asks again for every plan of a page, and shows no more than that something happened",
    "services.signals.mesh": "looks a verified NHS number up for the body that is told, at the moment of sending",
    "services.signals.wiring": "wires the signals' services",
    "services.publishing.plan_states": "seals every state again under the child's key before anybody has it",
    "services.publishing.wiring": "wires the publishers",
    "services.importing.importer": "takes in what a council's officer brings, and tells what became of it",
    "services.importing.matching": "finds the record that an import is about, within the council",
    "services.cli.replaying": "reads the log for whoever holds its files and keys",
}
#: Packages in which content is kept, sealed or projected: they serve no caller.
BELOW = ("services.store", "services.projection", "services.directory")
#: Attributes of the platform that open content; an endpoint or a command goes to the services that ask instead.
BEHIND = {"plans", "store", "projection"}
#: What an endpoint may ask of them: how far the log is, whether it can be read, figures, keys and caches.
HARMLESS = {
    "council_keys",
    "head",
    "is_ready",
    "writes_refused",
    "status",
    "close",
    "database",
    "running",
    "log",
    "index",
    "keys",
    "listeners",
    "directory",
}
#: Services that hand content out to a caller, and what each comes to.
ASKING = {
    "services/reading.py": "PlanReader",
    "services/entitlements.py": "Entitlements",
    "services/drafts.py": "Drafts",
    "services/worklists.py": "Worklists",
    "services/identity/inviting.py": "Inviting",
    "services/signals/feed.py": "Feed",
    "services/subject_access/service.py": "SubjectAccess",
}
DECIDING = {"decide_read", "may_follow", "decide_act", "policies"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SERVICES.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((alias.name, "*") for alias in node.names)


def opens_content(tree: ast.Module) -> set[str]:
    return {
        name
        for module, name in imported(tree)
        if (name == "*" and module in OPENERS) or name in OPENERS.get(module, ())
    }


def behind_the_services(tree: ast.Module) -> Iterator[str]:
    """`platform.plans.current`, `platform.store.read_plan`, `platform.projection.lists` and the like."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Attribute):
            continue
        if node.value.attr in BEHIND and node.attr not in HARMLESS and _is_platform(node.value.value):
            yield f"{node.value.attr}.{node.attr}"


def _is_platform(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "platform") or (
        isinstance(node, ast.Attribute) and node.attr == "platform"
    )


def test_only_services_that_ask_hold_what_opens_content() -> None:
    holding = {name for name, tree in modules() if opens_content(tree) and not name.startswith(BELOW)}
    assert holding <= set(TRUSTED), holding - set(TRUSTED)


def test_nobody_is_trusted_who_does_not_need_it() -> None:
    known = dict(modules())
    assert all(opens_content(known[name]) or name in {"services.plans", "services.bootstrap"} for name in TRUSTED), [
        name for name in TRUSTED if not opens_content(known[name])
    ]


@pytest.mark.parametrize("package", ["services.api", "services.cli"])
def test_no_endpoint_and_no_command_reaches_behind_the_services(package: str) -> None:
    for name, tree in modules():
        if name.startswith(package) and name not in TRUSTED:
            assert list(behind_the_services(tree)) == [], name
            assert not opens_content(tree), name


@pytest.mark.parametrize("path", ASKING)
def test_every_public_method_takes_a_caller_and_comes_to_the_one_function(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    (service,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == ASKING[path])
    methods = {n.name: n for n in service.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    public = {name: method for name, method in methods.items() if not name.startswith("_")}
    assert public
    for name, method in public.items():
        arguments = {argument.arg for argument in [*method.args.args, *method.args.kwonlyargs]}
        assert arguments & {"actor", "caller", "request"}, f"{name} doesn't say for whom"
        assert _decides(name, methods, set()), f"{name} reads without asking"


def _decides(name: str, methods: dict[str, ast.FunctionDef | ast.AsyncFunctionDef], seen: set[str]) -> bool:
    """Whether a method, or one of its own class that it calls, asks `Access`."""
    if name in seen or name not in methods:
        return False
    named = {node.attr for node in ast.walk(methods[name]) if isinstance(node, ast.Attribute)}
    return bool(named & DECIDING) or any(_decides(other, methods, seen | {name}) for other in named & methods.keys())


AROUND = {
    "an endpoint that reads a state": "def route(app):\n    return app.state.platform.plans.current(1).document",
    "an endpoint that reads the log": "def route(request):\n    return request.app.state.platform.store.read_plan(1)",
    "a command that reads a view": "def command(platform):\n    return platform.projection.lists.page()",
    "a module that imports the loader": "from services.plans import Plans",
    "a module that queries a view": "from services.projection.tables import versions",
}


@pytest.mark.parametrize("code", AROUND.values(), ids=AROUND.keys())
def test_a_way_around_would_be_seen(code: str) -> None:
    tree = ast.parse(code)
    assert opens_content(tree) or list(behind_the_services(tree))
