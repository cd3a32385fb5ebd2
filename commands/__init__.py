"""The program's commands: arguments, files in, one call of a package, files and a report out.

Nothing here is mathematics, and nothing scientific is imported before a command runs.
"""
