"""The identity of this package. The generator replaces this file by the one of the package."""

NAME = "package"
"""The short name: of the spans, of the shared rate limits and of the pytest fixtures."""

DISTRIBUTION = "package"
"""What `pip install` calls it."""

CLIENT = "Client"
"""The class of the blocking client; that of the asyncio client has `Async` in front."""

USER_AGENT = "package"
"""The product in the header `User-Agent`, without its version."""

CALLBACK_PARAMETER = "package-submission"
"""The parameter of a callback's URL that names the submission."""

JOURNAL_ID = 0
"""The number by which SQLite's tools recognise its journals."""

# Names that parts of the package had before, and what they are called now.

FORMER_ARGUMENTS: dict[str, tuple[str, ...]] = {}
"""Of arguments. Which of several new names is right depends on the function."""

FORMER_ATTRIBUTES: dict[str, str] = {}
"""Of attributes of the clients."""

FORMER_COMMANDS: dict[str, str] = {}

FORMER_OPTIONS: dict[str, str] = {}
