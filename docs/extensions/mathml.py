"""Formulas as MathML, which every browser draws by itself: no script, no font and no network are needed.

The conversion is that of docutils; a formula that it cannot read is a warning.
"""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def _converted(node, *, block):
    try:
        return tex2mathml(node.astext(), as_block=block)
    except MathError as error:
        LOGGER.warning("formula %r: %s", node.astext(), error, location=node)
        return ""


def _inline(self, node):
    self.body.append(_converted(node, block=False))
    raise nodes.SkipNode


def _block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math-block"))
    self.body.append(_converted(node, block=True))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Offer the renderer, and choose it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
