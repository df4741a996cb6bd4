"""One small fault at a time: which can be made in a module, and the module with one of them.

A fault is what a hurried hand does: `<` for `<=`, a forgotten `not`, a bound off by one, a line or
a condition of a query that is missing. Not changed: types, texts, decorators, assertions (they
promise what cannot be otherwise), and assignments to plain names (without one the next line is no
more than a NameError).
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NOT_CHANGED = {"annotation", "returns", "decorator_list", "type_comment", "bases"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A fault that can be made. `function` is the qualified name of the innermost function around
    it, empty for what runs when the module is imported; `nth` tells equal faults apart."""

    path: str
    function: str
    line: int
    kind: str
    before: str
    after: str
    nth: int

    @property
    def name(self) -> str:
        """The same as long as nobody changes the function: lines above it may come and go."""
        place = f"{self.path}::{self.function or '(import)'}"
        return f"{place} | {self.kind} | {self.before} -> {self.after} | {self.nth}"


@dataclass(frozen=True, kw_only=True)
class _Slot:
    """Where a node hangs: the field of its parent, with the place in it if that is a list."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST
    functions: tuple[str, ...]
    returns: str

    def put(self, changed: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, changed)
        else:
            getattr(self.parent, self.field)[self.index] = changed


def mutants(source: str, path: str) -> list[Mutant]:
    """All faults that can be made in a module, in the order of its text."""
    seen: dict[tuple[str, str, str, str], int] = {}
    found = []
    for slot, kind, changed in _changes(ast.parse(source)):
        function, before, after = ".".join(slot.functions), _shown(slot.node), _shown(changed)
        same = (function, kind, before, after)
        seen[same] = seen.get(same, 0) + 1
        found.append(
            Mutant(
                path=path,
                function=function,
                line=getattr(slot.node, "lineno", 0),
                kind=kind,
                before=before,
                after=after,
                nth=seen[same],
            )
        )
    return found


def mutated(source: str, path: str, wanted: Mutant) -> str:
    """The module with that one fault; its comments are gone."""
    tree = ast.parse(source)
    at = mutants(source, path).index(wanted)
    for number, (slot, _, changed) in enumerate(_changes(tree)):
        if number == at:
            slot.put(changed)
            break
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _shown(node: ast.AST, length: int = 90) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= length else text[:length] + "…"


def _changes(tree: ast.Module) -> Iterator[tuple[_Slot, str, ast.AST]]:
    for slot in _slots(tree, (), ""):
        for kind, changed in _of_expression(slot):
            yield slot, kind, changed
        for kind, changed in _of_statement(slot):
            yield slot, kind, changed


def _slots(parent: ast.AST, functions: tuple[str, ...], returns: str) -> Iterator[_Slot]:
    for field, value in ast.iter_fields(parent):
        if field in NOT_CHANGED or (isinstance(parent, ast.ClassDef) and field == "keywords"):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_left_alone(node):
                continue
            yield _Slot(
                parent=parent,
                field=field,
                index=index,
                node=node,
                functions=functions,
                returns=returns,
            )
            yield from _slots(node, *_inside(node, functions, returns))


def _inside(node: ast.AST, functions: tuple[str, ...], returns: str) -> tuple[tuple[str, ...], str]:
    """Names as Python gives them in `co_qualname`."""
    if isinstance(node, Function):
        return (*functions, node.name), ast.unparse(node.returns) if node.returns else ""
    if isinstance(node, ast.ClassDef):
        return (*functions, node.name), returns
    return functions, returns


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _of_expression(slot: _Slot) -> Iterator[tuple[str, ast.AST]]:
    match slot.node:
        case ast.Compare(left=left, ops=[first, *others], comparators=right):
            for other in COMPARED[type(first)]:
                yield "compare", ast.Compare(left=left, ops=[other(), *others], comparators=right)
        case ast.BoolOp(op=ast.And(), values=values):
            yield "and/or", ast.BoolOp(op=ast.Or(), values=values)
        case ast.BoolOp(op=ast.Or(), values=values):
            yield "and/or", ast.BoolOp(op=ast.And(), values=values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", operand
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "minus", operand
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(value=not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value=value + 1)
            yield "constant", ast.Constant(value=value - 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in COUNTED:
            if not _is_type(slot, op):
                yield "count", ast.BinOp(left=left, op=COUNTED[type(op)](), right=right)
        case ast.Call(func=ast.Attribute(value=query, attr="where"), args=asked):
            for number in range(len(asked)):
                left_over = asked[:number] + asked[number + 1 :]
                wider = ast.Attribute(value=query, attr="where", ctx=ast.Load())
                yield "where", ast.Call(func=wider, args=left_over, keywords=[])
        case ast.IfExp(test=test, body=body, orelse=other):
            yield "condition", ast.IfExp(test=test, body=other, orelse=body)
        case ast.comprehension(target=target, iter=things, ifs=[_, *_], is_async=is_async):
            yield (
                "condition",
                ast.comprehension(target=target, iter=things, ifs=[], is_async=is_async),
            )
        case ast.match_case(pattern=pattern, guard=ast.AST(), body=lines):
            yield "condition", ast.match_case(pattern=pattern, guard=None, body=lines)


def _is_type(slot: _Slot, op: ast.operator) -> bool:
    """`A | B` of types: as an alias, and in `isinstance`."""
    if not isinstance(op, ast.BitOr):
        return False
    is_asked = isinstance(slot.parent, ast.Call) and _shown(slot.parent.func) == "isinstance"
    return is_asked or not slot.functions


def _of_statement(slot: _Slot) -> Iterator[tuple[str, ast.AST]]:
    match slot.node:
        case ast.If(body=body, orelse=other):
            for value in (True, False):
                yield "condition", ast.If(test=ast.Constant(value=value), body=body, orelse=other)
        case ast.Return(value=ast.AST() as value) if not _is_nothing(value):
            yield "return", ast.Return(value=_nothing(slot.returns))
    if not slot.functions:
        return
    match slot.node:
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
            yield "statement", ast.Pass()
        case ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            yield "statement", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement", ast.Pass()


def _is_nothing(value: ast.AST) -> bool:
    return _shown(value) in {"None", "[]", "()", "''", "{}", "False"}


def _nothing(returns: str) -> ast.expr:
    """What says nothing and is of the returned type, as far as its name tells."""
    empty = {"str": "''", "bytes": "b''", "list": "[]", "tuple": "()", "dict": "{}"}
    text = empty.get(returns.partition("[")[0], "None")
    return ast.parse(text, mode="eval").body
