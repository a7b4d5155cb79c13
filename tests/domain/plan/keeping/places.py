"""For each act of keeping a plan: what came before it, and a body with which it is done in its right place."""

from tests.domain.plan.keeping.places_of_people import PLACES_OF_PEOPLE_AND_RECORDS
from tests.domain.plan.keeping.places_of_process import PLACES_OF_THE_PROCESS
from tests.domain.plan.keeping.places_of_rights import PLACES_OF_RIGHTS

PLACES = {**PLACES_OF_THE_PROCESS, **PLACES_OF_PEOPLE_AND_RECORDS, **PLACES_OF_RIGHTS}
