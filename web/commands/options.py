"""Options that take several names: repeated, with commas, or one name after another."""

from __future__ import annotations

import click


class SeveralNames(click.Command):
    """A command without arguments, so that words after an option of several names are further names of it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        several = {word for option in self.params if option.multiple for word in option.opts}  # type: ignore[attr-defined]
        spread: list[str] = []
        option, n_words = "", 0
        for word in args:
            if word.startswith("-"):
                option, n_words = word, 0
            elif option in several:
                n_words += 1
                if n_words > 1:
                    spread.append(option)
            spread.append(word)
        return super().parse_args(ctx, spread)


def names(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The names in the order given, each once."""
    found = [name.strip() for value in values for name in value.split(",")]
    if "" in found:
        raise click.BadParameter("expected names of columns, such as: age,gender")
    return tuple(dict.fromkeys(found))
