"""Bridges to other libraries, a module each; every one imports its library when it is used."""
