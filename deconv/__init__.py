"""The program: arguments, files in, one call of a package, files and a report out.

It takes files to arrays and back; the mathematics lives in `restore` and `upsample`, which know nothing of it. Nothing
scientific is imported before a command runs.
"""
