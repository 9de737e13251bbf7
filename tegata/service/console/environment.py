"""The template environment of one language: `t`, the filters, and nothing that depends on a request."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tegata.codec import dates
from tegata.errors import Text
from tegata.service.console import formats, qr
from tegata.service.console.language import Language
from tegata.service.console.paging import SIZES
from tegata.service.console.tags import TAGS


def build(folders: Sequence[Path], language: Language, url_static: Callable[[str], str]) -> Environment:
    """Return an environment in which every text is of one language; it escapes, and fails on unknown names."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        language=language,
        t=lambda ja, en: en if language == "en" else ja,
        url_static=url_static,
        tags=TAGS,
        page_sizes=SIZES,
        qr_svg=qr.svg,
        product_version=version("tegata"),
    )
    environment.filters.update(
        text=partial(_text, language=language),
        date=partial(_time, write=partial(formats.long_date, language=language)),
        short_date=partial(_time, write=partial(formats.short_date, language=language)),
        instant=partial(_moment, write=partial(formats.instant, language=language)),
        short_instant=partial(_moment, write=partial(formats.short_instant, language=language)),
        clock=partial(_moment, write=formats.clock),
        school_year=partial(_school_year, language=language),
        number=formats.number,
        person_name=partial(_person_name, language=language),
        japanese=partial(_japanese, language=language),
        grouped=formats.grouped,
        file_size=formats.file_size,
        recorded=partial(_recorded, language=language),
    )
    return environment


def _text(value: Text | str, language: Language) -> str:
    return value.in_language(language) if isinstance(value, Text) else value


def _time(day: date, write: Callable[[date], str]) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), write(day))


def _moment(moment: datetime, write: Callable[[datetime], str]) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(dates.format_instant(moment), write(moment))


def _school_year(day_or_year: date | int, language: Language) -> str:
    year = day_or_year if isinstance(day_or_year, int) else dates.school_year(day_or_year)
    return formats.school_year(year, language)


def _person_name(name: str, language: Language) -> Markup:
    """Let a name break between family and given name only."""
    return _japanese(formats.person_name(name), language, "name")


def _japanese(value: str, language: Language, css_class: str = "") -> Markup:
    """Mark Japanese on an English page, so that it is spoken and drawn as Japanese."""
    has_class = Markup(' class="{}"').format(css_class) if css_class else Markup("")
    has_language = Markup(' lang="ja"') if language == "en" and not value.isascii() else Markup("")
    if not has_class and not has_language:
        return escape(value)
    return Markup("<span{}{}>{}</span>").format(has_class, has_language, value)


def _recorded(value: object, language: Language) -> object:
    """Say that nothing is recorded, instead of an empty cell."""
    if value is None or value == "":
        return "Not recorded" if language == "en" else "記録なし"
    return value
