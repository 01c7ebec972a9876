"""Small pieces of SVG, escaped: every attribute and every text may come from a store.

Widths are percents and heights pixels where a drawing stretches with its page, so that text keeps its size.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from harness.report.model.words import visible

Attribute = str | int | float | None


def number(value: float, digits: int = 2) -> str:
    """A number with fixed digits and no trailing zeros: the same bytes everywhere."""
    text = f"{value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def tag(name: str, /, *children: Markup | str, **attributes: Attribute) -> Markup:
    """One element. `cls` is class, `_` in names is `-`; None leaves an attribute out; text is escaped."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = number(value) if isinstance(value, float) else visible(str(value))
        name_ = {"cls": "class", "viewBox": "viewBox"}.get(key, key.replace("_", "-"))
        parts.append(f' {name_}="{escape(shown)}"')
    if not children:
        return Markup("".join(parts) + "/>")
    inside = "".join(
        escape(child if isinstance(child, Markup) else visible(str(child))) for child in children
    )
    return Markup("".join(parts) + f">{inside}</{name}>")


def group(children: Iterable[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(children)


def text(
    x: float | str, y: float, content: object, cls: str | None = None, **attributes: Attribute
) -> Markup:
    """A label; its size comes from the style sheet."""
    return tag("text", str(content), x=x, y=y, cls=cls, **attributes)


def line(x1: float | str, y1: float, x2: float | str, y2: float, cls: str | None = None) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, cls=cls)


def rect(
    x: float | str, y: float, width: float | str, height: float, cls: str | None = None, **more: Attribute
) -> Markup:
    """A rectangle."""
    return tag("rect", x=x, y=y, width=width, height=height, cls=cls, **more)


def path(d: str, cls: str | None = None, **more: Attribute) -> Markup:
    """A path."""
    return tag("path", d=d, cls=cls, **more)


def ring(x: float | str, y: float, label: object, loud: bool = False) -> Markup:
    """The number of an operation, in a ring; filled for the one that the violation is about."""
    circle = tag("circle", cx=x, cy=y, r=8, cls="nl" if loud else "nn")
    return circle + text(x, y + 3.8, label, "nt no" if loud else "i no", text_anchor="middle")


def canvas(body: Iterable[Markup], height: float, label: str, cls: str = "c") -> Markup:
    """A drawing as wide as its column; `label` is the sentence that a screen reader says."""
    return tag("svg", group(body), cls=cls, width="100%", height=height, role="img", aria_label=label)


def stretched(body: Iterable[Markup], y: float, height: float, wide: int = 1000) -> Markup:
    """A nested drawing of `wide` units that stretches to the full width; no text in it."""
    return tag(
        "svg",
        group(body),
        y=y,
        width="100%",
        height=height,
        viewBox=f"0 0 {wide} {number(height)}",
        preserveAspectRatio="none",
    )
