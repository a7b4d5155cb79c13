r"""Do `jsonschema` (the reference) and `jsonschema-rs` (which decides) agree about the digital plan?

    python -m tests.trials.schema_differential --seed N --rounds M

Each round makes one document, at least three in ten of them valid, and compares the verdict and the set of
(JSON Pointer, keyword) of all faults. Every keyword at every place of the schema has to be met both ways,
passed and failed: what was not is listed. Prints one line of JSON; exits 1 on a disagreement, a keyword not
met, or too few valid ones.

Where the libraries differed, the schema was changed until they could not: see its `$comment`. Three keywords
judge how a string is written; where one has refused, what a later one says of the value is not compared.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator

import jsonschema
from jsonschema import validators
from msgspec import Struct

from domain.document import PLAN_SCHEMA_ID, JsonObject, pointer
from domain.document.json_values import JsonValue
from services.reference_validation import reference_registry
from services.validation import SCHEMA_ROOT, Validator, load_schema
from tests.trials.schema_documents import (
    BREAKABLE,
    Place,
    broken,
    complete,
    needed_names,
    places,
    schema_objects,
    sprinkle,
    thin,
    touched,
)

#: The least share of valid documents, and the share that the trial makes on purpose.
VALID_SHARE, VALID_MADE = 0.30, 0.40
EXAMPLES = SCHEMA_ROOT / "plan" / "1.0" / "examples"
#: In one round of so many an example of full size takes part, in another awkward values are strewn in.
FULL_SIZE_EVERY, SPRINKLE_EVERY = 8, 3

Fault = tuple[Place, str]
#: A keyword of `jsonschema`: (validator, the keyword's value, instance, schema object) -> faults, or None for
#: none.
Keyword = Callable[..., Iterator[jsonschema.ValidationError] | None]


class Result(Struct, kw_only=True):
    """What a trial found; `coverage` counts for each keyword how often it passed and failed."""

    rounds: int
    valid: int
    disagreements: list[JsonObject]
    keywords_not_hit: list[str]
    coverage: dict[str, tuple[int, int]]

    def passed(self) -> bool:
        """Whether the libraries agreed, everything was met, and enough documents were valid."""
        enough = self.valid >= self.rounds * VALID_SHARE
        return enough and not self.disagreements and not self.keywords_not_hit

    def summary(self) -> str:
        """The line that the program prints."""
        return json.dumps(
            {
                "rounds": self.rounds,
                "valid": self.valid,
                "disagreements": len(self.disagreements),
                "keywordsNotHit": self.keywords_not_hit,
            }
        )


class Recorder:
    """The reference validator, which notes for each keyword of the schema whether it passed or failed."""

    def __init__(self, schema: JsonObject) -> None:
        """Wrap every keyword of JSON Schema 2020-12 that judges."""
        self._where = {id(node): location for location, node in schema_objects(schema)}
        self.met: Counter[tuple[str, str, bool]] = Counter()
        base = jsonschema.Draft202012Validator
        wrapped = {name: self._noting(name, judge) for name, judge in base.VALIDATORS.items()}
        self._validator = validators.extend(base, wrapped)(  # type: ignore[no-untyped-call] # not annotated there
            schema, registry=reference_registry(), format_checker=base.FORMAT_CHECKER
        )
        self.expected = {
            (location, name) for location, node in schema_objects(schema) for name in node if name in wrapped
        }

    def faults(self, document: JsonValue) -> set[tuple[str, str]]:
        """(JSON Pointer, keyword) of every fault."""
        return {(pointer(*e.absolute_path), str(e.validator)) for e in self._validator.iter_errors(document)}

    def not_met(self) -> list[str]:
        """The keywords, by their JSON Pointer in the schema, that were not met both passing and failing."""
        return sorted(
            f"#{location}/{name} never {'passed' if verdict else 'failed'}"
            for location, name in self.expected
            for verdict in (True, False)
            if not self.met[location, name, verdict]
        )

    def coverage(self) -> dict[str, tuple[int, int]]:
        """How often each keyword name passed and failed, over all its places."""
        names = sorted({name for _, name in self.expected})
        count = Counter[tuple[str, bool]]()
        for (_, name, verdict), times in self.met.items():
            count[name, verdict] += times
        return {name: (count[name, True], count[name, False]) for name in names}

    def _noting(self, name: str, judge: Keyword) -> Keyword:
        def noted(*judged: JsonValue) -> Iterator[jsonschema.ValidationError]:
            *_, schema = judged
            found = list(judge(*judged) or ())
            self.met[self._where.get(id(schema), "?"), name, not found] += 1
            yield from found

        return noted


def trial(seed: int, rounds: int) -> Result:
    """Compare the two libraries over `rounds` documents; the same seed makes the same documents."""
    rng = random.Random(seed)
    schema = load_schema(PLAN_SCHEMA_ID)
    recorder, decider = Recorder(schema), Validator.for_schema(PLAN_SCHEMA_ID)
    valid, disagreements = 0, []
    for number, document in enumerate(_documents(schema, rounds, rng)):
        reference, fast = _settled(recorder.faults(document)), _settled(decider.fault_places(document))
        if reference != fast or bool(fast) == decider.is_valid(document):
            disagreements.append({"round": number, "differ": sorted(map(list, reference ^ fast))})
        valid += not reference
    return Result(
        rounds=rounds,
        valid=valid,
        disagreements=disagreements,
        keywords_not_hit=recorder.not_met(),
        coverage=recorder.coverage(),
    )


def _settled(faults: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The faults with the deciding keyword of a value's form only: `not` before `pattern` before `format`."""
    decided = {
        (place, later)
        for place, keyword in faults
        for later in {"not": ("pattern", "format"), "pattern": ("format",)}.get(keyword, ())
    }
    return faults - decided


def _documents(schema: JsonObject, rounds: int, rng: random.Random) -> Iterator[JsonValue]:
    """Valid documents, and documents in which the keywords of the schema are broken by turns."""
    examples = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(EXAMPLES.glob("*.json"))]
    needed = needed_names(schema)
    made_valid = int(rounds * VALID_MADE)
    for number in range(made_valid):
        full = number % FULL_SIZE_EVERY == 0
        base = rng.choice(examples) if full else complete(schema, schema, rng)
        yield thin(base, 1.0 if full or number % 2 else rng.random(), set(), needed, rng)
    yield from _broken_documents(schema, rounds - made_valid, needed, rng)


def _broken_documents(
    schema: JsonObject, rounds: int, needed: frozenset[str], rng: random.Random
) -> Iterator[JsonValue]:
    for number, faults in enumerate(_spread(schema, rounds, rng)):
        kept = {place.path for place, _ in faults}
        document: JsonValue = thin(complete(schema, schema, rng), rng.random(), kept, needed, rng)
        if number % SPRINKLE_EVERY == 0:
            sprinkle(document, rng.randint(1, 12), rng)
        for place, keyword in faults:
            document = broken(schema, keyword, place, document, rng)
        yield document


def _faults(schema: JsonObject, rng: random.Random) -> list[Fault]:
    """Each keyword that can be broken, at one of the places where it stands: the highest places first."""
    at: dict[tuple[str, str], list[Place]] = {}
    for place in places(schema):
        for keyword in BREAKABLE & place.schema.keys():
            at.setdefault((place.location, keyword), []).append(place)
    faults = [(rng.choice(choices), keyword) for (_, keyword), choices in sorted(at.items())]
    rng.shuffle(faults)
    return sorted(faults, key=lambda fault: len(fault[0].path))


def _spread(schema: JsonObject, rounds: int, rng: random.Random) -> list[list[Fault]]:
    """Every fault in one round at least; faults of one round don't touch each other's places."""
    spread: list[list[Fault]] = [[] for _ in range(rounds)]
    turn = 0
    while not all(spread):
        for fault in _faults(schema, rng):
            free = (at % rounds for at in range(turn, turn + rounds) if _apart(fault, spread[at % rounds]))
            turn = next(free, turn)
            if _apart(fault, spread[turn]):
                spread[turn].append(fault)
            turn = (turn + 1) % rounds
    return spread


def _apart(fault: Fault, others: list[Fault]) -> bool:
    """Whether no other fault of the round touches the place of this one, a place above it or one below it."""
    mine = touched(fault[1], fault[0])
    theirs = (touched(keyword, place) for place, keyword in others)
    return all(mine[: len(path)] != path and path[: len(mine)] != mine for path in theirs)


def main() -> int:
    """Run the trial from the command line; the exit status is 0 when it passed and 1 when not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rounds", type=int, default=1000)
    chosen = options.parse_args()
    result = trial(chosen.seed, chosen.rounds)
    for name, (passed, failed) in result.coverage.items():
        print(f"{name:24} passed {passed:9,} failed {failed:9,}")
    for disagreement in result.disagreements:
        print(json.dumps(disagreement))
    print(result.summary())
    return 0 if result.passed() else 1


if __name__ == "__main__":
    raise SystemExit(main())
