"""Environments of several agents that speak text: one act at a time, a ledger for each agent."""
