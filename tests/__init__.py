"""The tests, one folder for each part of the platform, plus journeys, faults and measurements."""
