"""Probes that need a policy, a judge or an environment: hack suite, faithfulness, admission."""
