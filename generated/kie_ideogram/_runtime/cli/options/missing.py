"""Names every required option that is missing, not only the first."""

from typing import Any

from .renamed import KnowsFormerOptions


class NamesMissingOptions(KnowsFormerOptions):
    """Exits with a usage error that names all missing options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the command's name."""
        names = {word.partition("=")[0] for word in args}
        try:
            return super().parse_args(ctx, args)
        except Exception as error:  # typer does not export the class for a missing option
            missing = [p.opts[0] for p in self.params if p.required and not names.intersection(p.opts)]
            if len(missing) > 1 and getattr(error, "param_type", "") is None:
                error.param_type = "options"  # type: ignore[attr-defined] # as above
                error.param_hint = ", ".join(f"'{name}'" for name in missing)  # type: ignore[attr-defined] # as above
            raise
