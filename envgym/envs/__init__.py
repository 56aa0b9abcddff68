"""The environments, one folder per family; import them as ``envgym.envs.FAMILY``."""

if __name__ != "envgym.envs":
    raise ImportError(
        "import 'envgym.envs': the top-level link 'envs' is only for reading the source."
    )
