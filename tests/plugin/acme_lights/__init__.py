"""Importing registers the id; the class is imported when it is first made."""

import envgym

envgym.register("acme/Lights-v0", "acme_lights.env:LightsEnv")
