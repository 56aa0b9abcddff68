"""Settings of every property test."""

import os

from hypothesis import HealthCheck, settings

# Shared machines pause processes for longer than any deadline that would mean something. On a
# build server the examples are fixed, so that a red build is about its change; elsewhere each
# run draws new ones.
settings.register_profile(
    "envgym",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("envgym")
