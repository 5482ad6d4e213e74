"""Templates, compiled anew for each language that is read.

A page says some hundred messages that take no value. In the template of one language they stand as
text: to step out of a template and look one up costs more than to write the rest of a line.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Call, Const, Expr, Getattr, MarkSafe, Name, Template
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from directory.languages import language, reading


class _Settled(NodeTransformer):
    """Puts the value in the place of what the language of the reader alone decides."""

    def __init__(self, environment: "Templates") -> None:
        self._globals = environment.globals
        self._calls = environment.settled_calls
        self._objects = environment.settled_objects

    def visit_Call(self, node: Call) -> Expr:
        """Settle the call of a function that is told nothing but constants."""
        self.generic_visit(node)
        function = self._calls.get(node.node.name) if isinstance(node.node, Name) else None
        if function is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        given = [argument.value for argument in node.args if isinstance(argument, Const)]
        if len(given) < len(node.args):
            return node
        return _constant(function(*given), node)

    def visit_Getattr(self, node: Getattr) -> Expr:
        """Settle what is asked of the language, or of another object that stays the same."""
        of = node.node
        if isinstance(of, Call) and isinstance(of.node, Name) and of.node.name == "language":
            return _constant(getattr(language(), node.attr), node)
        if isinstance(of, Name) and of.name in self._objects:
            return _constant(getattr(self._globals[of.name], node.attr), node)
        self.generic_visit(node)
        return node


def _constant(value: object, node: Expr) -> Expr:
    """Return a node that says a text; what is no text is left to be asked for."""
    if isinstance(value, Markup):
        return MarkSafe(Const(str(value), lineno=node.lineno), lineno=node.lineno)
    return Const(value, lineno=node.lineno) if isinstance(value, str) else node


class _Generator(CodeGenerator):
    """Settles what can be settled before a template is compiled."""

    def visit_Template(self, node: Template, frame: Frame | None = None) -> None:
        """Write the code of a template."""
        environment = self.environment
        if isinstance(environment, Templates) and environment.read_in:
            with reading(environment.read_in):
                node = _Settled(environment).visit(node)
        super().visit_Template(node, frame)


class Templates(Environment):
    """All templates. `settled_calls` and `settled_objects` name what may be settled.

    Those are functions whose answer the arguments and the language decide, and globals whose
    attributes never change.
    """

    code_generator_class = _Generator
    read_in: str | None = None
    settled_calls: dict[str, Callable[..., str]]
    settled_objects: frozenset[str]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._by_language: dict[str, Templates] = {}

    def for_reader(self) -> "Templates":
        """Return the templates in the language that is read now."""
        code = language().code
        if (found := self._by_language.get(code)) is None:
            found = self.overlay()
            found.read_in = code
            self._by_language[code] = found
        return found

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template: a copy, since a chain of maps is slow to go through.

        Globals are complete before the first template is read.
        """
        return {**self.globals, **(d or {})}
