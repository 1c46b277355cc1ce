"""From the `Contract` to the text of every file of the package, and from there to disk."""
