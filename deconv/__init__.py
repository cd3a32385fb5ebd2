"""The program: arguments, files in, one call of a package, files and a report out.

It takes files to arrays and back; the mathematics lives in `restore` and `upsample`, which know nothing of it. Nothing
scientific is imported before a command runs.
"""

#: The one place where the version stands: of all three packages, which are one distribution.
__version__ = "0.2.0"
