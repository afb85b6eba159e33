"""The pytest plugin: rendered resources as fixtures, and a report that is the same for the same verdicts."""
