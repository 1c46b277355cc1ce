"""The configuration of Sphinx, for both languages. `python -m website` passes what differs between them."""

project = "kie-ideogram"
extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_inline", "deflist"]
myst_heading_anchors = 4
root_doc = "index"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
html_permalinks_icon = "#"
nitpicky = True
# Not "D": it makes a dash of the two hyphens of an option.
smartquotes_action = "qe"
