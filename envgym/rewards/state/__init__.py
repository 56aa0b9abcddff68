"""What is remembered across episodes: frozen values with ``updated``, kept by the caller.

A program never holds such a value: it is built from one, and a new program from the next.
"""
