"""What docstrings written for a terminal need on a page.

Formulas such as |H| and C * f are shown as they stand, arguments in backticks as code.
"""

import re

from docutils import nodes

#: Literals, which stay as they are, or a sign that reStructuredText would take for its own.
LITERAL_OR_SIGN = re.compile(r"(``.+?``|`[^`]+`)|([|*])")
#: Initials at the start of a line, which would begin a list.
INITIALS = re.compile(r"^(\s*)(?=[A-Z]\. )")
#: In a table a sign, and the gap to the next column, which gives up a space for the sign's backslash.
SIGN_AND_GAP = re.compile(r"(?<![\\`])([|*])([^|*`]*?  )(?=\S| )")


def _escape_signs(app, what, name, obj, options, lines):
    """Put a backslash before bars, stars and initials, outside of examples and literals."""
    in_table = False
    for number, line in enumerate(lines):
        if line.startswith("==="):
            in_table = not in_table or (number + 1 < len(lines) and bool(lines[number + 1].strip()))
        elif not line.lstrip().startswith((">>>", "...")):
            if in_table:
                line = SIGN_AND_GAP.sub(lambda m: f"\\{m[1]}{m[2][:-1]}", line)
            line = LITERAL_OR_SIGN.sub(lambda m: m[1] or f"\\{m[2]}", line).replace("\\\\", "\\")
            lines[number] = INITIALS.sub(r"\1\\", line)


def _as_code(app, env, node, contnode):
    """Set a name in backticks that no page describes, an argument in a docstring, as code."""
    if node.get("reftype") == "obj" and not node.get("refexplicit"):
        return nodes.literal("", node.astext())
    return None


def setup(app):
    """Run before numpydoc lays out the sections, which uses these signs."""
    app.connect("autodoc-process-docstring", _escape_signs, priority=100)
    app.connect("missing-reference", _as_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
