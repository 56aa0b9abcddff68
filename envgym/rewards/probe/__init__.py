"""Probes: reports about programs that never change a reward; one probe per file."""
