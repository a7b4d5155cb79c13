"""The law and the record of an EHC plan as pure functions and values: no I/O, no framework, no clock."""
