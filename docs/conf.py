"""How Sphinx builds the guide: `make docs`. Nothing is fetched while building, and nothing while reading."""

import importlib.metadata
import importlib.resources
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path

from docutils.parsers.rst import Directive

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "extensions"), str(HERE.parent)]  # panels; directives; the packages

project = "Deconv"
author = "the Deconv authors"
copyright = "the Deconv authors, MIT licence"  # noqa: A001
release = version = importlib.metadata.version("deconv")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    *(() if tags.has("quick") else ("sphinx.ext.viewcode",)),  # noqa: F821
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "myst_parser",
    "docstrings",
    "mathml",
    "terminal",
]
exclude_patterns = ["_build", "examples", "images", "playground", "templates"]
templates_path = ["templates"]
default_role = "py:obj"  # `wiener` in a docstring becomes a link

# Every broken reference is an error (-W -n). A name in backticks that is no public object, such as an argument in a
# docstring, is set as code by `docstrings` instead; there are no other exceptions.
nitpicky = True
smartquotes = False  # C'C is not meant for quotation marks

autodoc_typehints = "none"  # the docstrings say more, and shorter
autosummary_generate = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
numpydoc_show_class_members = False
toc_object_entries = False
myst_heading_anchors = 3

plot_include_source = True
plot_working_directory = str(HERE.parent)
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = [("png", 110)]
plot_rcparams = {"figure.figsize": (8, 3), "font.size": 9, "image.cmap": "gray", "figure.constrained_layout.use": True}
plot_apply_rcparams = True
plot_pre_code = ""

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 3600,
    "write_computation_times": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "plot_gallery": "True",
    "matplotlib_animations": False,
    "backreferences_dir": None,
    "capture_repr": (),
    "image_scrapers": ("matplotlib",),
}

html_theme = "pydata_sphinx_theme"
html_title = "Deconv"
html_static_path = ["theme"]
html_css_files = ["guide.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "tango",
    "pygments_dark_style": "github-dark",
}
html_sidebars = {"house": [], "playground": [], "measurements": [], "promises": [], "changelog": []}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"


def _copy_playground(app, exception):
    """Put the page to play with beside the guide: a page of its own, and what it shares with others goes along."""
    if exception is not None or app.builder.format != "html":
        return
    place = Path(app.outdir) / "playground"
    shutil.copytree(HERE / "playground", place, dirs_exist_ok=True)
    page, shared = place / "index.html", "../../deconv/pages/"
    text = page.read_text(encoding="utf-8")
    for name in re.findall(rf'"{shared}([^"]+)"', text):
        source = importlib.resources.files("deconv") / "pages" / name  # the guide may be built away from the package
        (place / name).write_bytes(source.read_bytes())
    page.write_text(text.replace(shared, ""), encoding="utf-8")


class _Silent(Directive):
    """Stands for a directive that runs code, when only the pages are to be checked: `-t quick`."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = defaultdict(lambda: str)  # noqa: RUF012

    def run(self):
        return []


def setup(app):
    """Connect what needs no extension of its own."""
    app.connect("build-finished", _copy_playground)
    if app.tags.has("quick"):
        app.add_directive("plot", _Silent, override=True)
        app.add_directive("terminal", _Silent, override=True)
