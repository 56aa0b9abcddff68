"""Arithmetic on judges' answers: pure functions, no judge in sight."""
