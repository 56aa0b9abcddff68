"""Policies, one file each: whatever answers requests."""
