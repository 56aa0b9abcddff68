"""Folds: functions of several values of one scope; one node per file."""
