"""One page as it is answered: its words, its viewer, its template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hotline.config import Config
from hotline.phones.limits import for_pages as line_limits
from hotline.routing.model import RoutingPlan
from hotline.web import formats
from hotline.web.access import CASE_ROLES, Role, Viewer
from hotline.web.assets import Assets
from hotline.web.catalogue import Catalogue, choose_language

LANGUAGE_COOKIE = "hotline_language"
THEME_COOKIE = "hotline_theme"
SIZE_COOKIE = "hotline_size"
SIZES = ("normal", "large", "larger")
_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page in the navigation; its word is ``nav.<name>``. Those of a ``group`` stand in a menu,
    ``nav.<group>``. Who has several of the pages that are a ``desktop`` walks them by one key."""

    name: str
    path: str
    roles: frozenset[Role]
    group: str = ""
    desktop: bool = False


NAVIGATION = (
    NavItem("desk", "/desk", frozenset({Role.AGENT}), desktop=True),
    NavItem("board", "/board", frozenset({Role.SUPERVISOR}), desktop=True),
    NavItem("callbacks", "/callbacks", frozenset({Role.CALLBACK, Role.SUPERVISOR}), desktop=True),
    NavItem(
        "verification", "/verification", frozenset({Role.CHECKER, Role.SUPERVISOR}), desktop=True
    ),
    NavItem("dispatch", "/dispatch", frozenset({Role.DISPATCHER, Role.SUPERVISOR}), desktop=True),
    NavItem("cases", "/cases", frozenset(CASE_ROLES)),
    NavItem("map", "/map", frozenset(CASE_ROLES)),
    NavItem("wall", "/wall", frozenset({Role.DISPATCHER, Role.SUPERVISOR})),
    NavItem("privacy", "/privacy", frozenset({Role.SUPERVISOR}), "setup"),
    NavItem("unit", "/unit", frozenset({Role.UNIT})),
    NavItem("callers", "/callers", frozenset({Role.SUPERVISOR}), "setup"),
    NavItem("flows", "/flows", frozenset({Role.SUPERVISOR}), "setup"),
    NavItem("users", "/users", frozenset({Role.ADMIN}), "setup"),
    NavItem("routing", "/routing", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("storm", "/storm", frozenset({Role.SUPERVISOR})),
    NavItem("judging", "/judging", frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMIN})),
    NavItem("calendar", "/calendar", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("taxonomy", "/taxonomy", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("texts", "/texts", frozenset({Role.SUPERVISOR}), "setup"),
    NavItem("limits", "/limits", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("prompts", "/prompts", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("places", "/places", frozenset({Role.SUPERVISOR, Role.ADMIN}), "setup"),
    NavItem("exchange", "/exchange", frozenset({Role.SUPERVISOR, Role.ADMIN})),
    NavItem("system", "/system", frozenset({Role.ADMIN}), "setup"),
    NavItem("knowledge", "/knowledge", frozenset(Role), "setup"),
)


def navigation(role: Role) -> list[NavItem]:
    """The pages of a role, its own one first."""
    return [item for item in NAVIGATION if role in item.roles]


def home(role: Role) -> str:
    """Where somebody of this role lands after logging in: a checker on what is to be checked."""
    return "/work" if role is Role.CHECKER else navigation(role)[0].path


@dataclass(frozen=True, slots=True)
class Renderer:
    """Templates, words and assets: what every page is made with."""

    config: Config
    catalogue: Catalogue
    environment: Environment
    now: Callable[[], float]
    last_seq: Callable[[], int]
    plan: Callable[[], RoutingPlan]


class Page:
    """The answer to one request. Made for each by :data:`PageOf`."""

    def __init__(self, renderer: Renderer, request: Request) -> None:
        self._renderer = renderer
        self._request = request

    @property
    def viewer(self) -> Viewer | None:
        """Who is looking, as far as the request's guard has found out."""
        return getattr(self._request.state, "viewer", None)

    @property
    def language(self) -> str:
        """The viewer's language, else the browser's choice here, else the configured one."""
        return choose_language(
            self.viewer.language if self.viewer else None,
            self._request.cookies.get(LANGUAGE_COOKIE),
            self._renderer.config.hotline.language,
        )

    def t(self, key: str, /, **values: object) -> str:
        """A text in the page's language."""
        return self._renderer.catalogue.text(self.language, key, **values)

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return self._renderer.catalogue.has(key)

    def options(self, values: Iterable[str], prefix: str) -> list[tuple[str, str]]:
        """Pairs for a choice: each value with its text under ``prefix``."""
        return [(value, self.t(prefix + value)) for value in values]

    def queue_title(self, name: str) -> str:
        """What a queue is called in the page's language; its name for one that is no more."""
        queue = self._renderer.plan().by_queue.get(name)
        titles = {str(language): title for language, title in queue.title.items()} if queue else {}
        return titles.get(self.language) or next(iter(titles.values()), name)

    def render(
        self,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> HTMLResponse:
        """Fill in a template; ``base.html`` says what each one is given."""
        text = self._renderer.environment.get_template(template).render(self._context() | context)
        return HTMLResponse(text, status_code=status, headers=headers)

    def _context(self) -> dict[str, object]:
        viewer = self.viewer
        theme = self._request.cookies.get(THEME_COOKIE, "")
        size = self._request.cookies.get(SIZE_COOKIE, "")
        return {
            "t": self.t,
            "has_text": self._renderer.catalogue.has,
            "options": self.options,
            "queue_title": self.queue_title,
            "language": self.language,
            "viewer": viewer,
            "csrf": viewer.csrf_token if viewer else "",
            "path": self._request.url.path,
            "query": self._request.query_params,
            "theme": theme if theme in {"light", "dark"} else "",
            "size": size if size in SIZES else SIZES[0],
            "navigation": navigation(viewer.role) if viewer else [],
            "hotline": self._renderer.config.hotline,
            "now": self._renderer.now,
            "last_seq": self._renderer.last_seq,
        }


def make_environment(config: Config, assets: Assets) -> Environment:
    """Jinja2 with our filters: everything escaped, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = assets.__getitem__
    environment.filters |= {
        "moment": partial(formats.moment, zone=config.zone),
        "moment_to_the_second": partial(formats.moment_to_the_second, zone=config.zone),
        "time_of_day": partial(formats.time_of_day, zone=config.zone),
        "duration": formats.duration,
        "count": formats.count,
        "phone": formats.phone,
        "person": formats.person,
    }
    environment.globals["percent"] = formats.percent
    environment.globals["line_limits"] = line_limits()
    return environment


def page_of(request: Request) -> Page:
    """The page for a request: ``page: PageOf`` in a route."""
    return Page(request.app.state.renderer, request)


PageOf = Annotated[Page, Depends(page_of)]
