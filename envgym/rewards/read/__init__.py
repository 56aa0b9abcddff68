"""Readings: functions of structured evidence (texts, calls, lists); one job per file."""
