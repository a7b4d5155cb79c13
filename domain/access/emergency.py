"""What a safeguarding lead may read in an emergency, without a relation to the plan (Children Act 2004 s.16LA).

The matrix says what that opens, as it does for every relation; this one stands on a stated reason, for one reading.
"""

from typing import Final

EMERGENCY: Final = "emergency"
"""The name in the matrix of what stands in the place of a relation."""

EMERGENCY_GATEWAY: Final = "CA04_16LA_SAFEGUARDING"
"""The lawful basis of such a reading."""
