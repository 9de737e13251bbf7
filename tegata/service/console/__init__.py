"""The interface kit: what every page of every service is made of. How to use it, on one page.

**In the service's app**

    console = Console("issuer", "issuer", settings, more_packages=("tegata.service.staff",))
    console.install(app, pages=("/",), besides=("/oid4vci", "/.well-known", "/api"))

`install` serves the static files, sets `app.state.console` and `app.state.problem_page`, adds the security headers and
refuses unsafe requests from other sites below `pages` (never below `besides`: wallets and programs call these).
Templates are looked up in `<package>/console/templates`, then in `<each more_package>/templates`, then in the kit;
static files in the same places under `static`. File names must be unique: call them `register/import.html`.

**In a route**: answer `console.page(request, "register/import.html", status=200, frame=frame, form=form, csrf=…)`.
The frame (organisation, person, navigation) may also be set once by a dependency: `request.state.frame = Frame(…)`.
Everything works as POST → redirect (303) → GET; there are no flash messages, a done page has its own address.
A form with errors is answered with 422 and the same template, at the same address as its GET.

    form = await read_page_form(request)             # urlencoded or multipart, bounded; form["name"], form.all("row")
    form.errors.add("birthdate", Text("…", "…"))     # then: if form.errors: return console.page(…, 422, form=form)

**In a template**

    {% extends "base.html" %}{% import "kit.html" as kit %}
    {% set page_title = t("名簿のファイルを選んでください", "Choose the register file") %}
    {% set crumbs = [("/", t("ホーム", "Home")), ("/register", t("名簿", "Register"))] %}   {# without this page #}
    {% set page_width = "wide" %}                     {# or "text", the default: 40em #}
    {% block content %}
      <h1>{{ page_title }}</h1>
      <form method="post" class="stack">{{ kit.csrf_field(csrf) }}
        {{ kit.text_field(form, "name", t("氏名", "Name"), help=t("…", "…")) }}
        {% call kit.actions() %}{{ kit.button(t("取り込む", "Import")) }}{% endcall %}
      </form>
    {% endblock %}

The base template shows the error summary above `content` whenever `form.errors` is not empty. Put both languages beside
each other: `t(ja, en)`. Values of type `Text`: `{{ value | text }}`. Others: `{{ day | date }}` (和暦 first),
`{{ day | short_date }}` in tables, `{{ moment | instant }}`, `{{ day | school_year }}`, `{{ 1204 | number }}`,
`{{ name | person_name }}`, `{{ code | grouped }}`, `{{ "青葉" | japanese }}` (marks `lang="ja"` on English pages),
`{{ value | recorded }}` (empty → 記録なし), `{{ size | file_size }}`. Dates come out as `<time>`.
Also there: `language`, `url_static("app.js")`, `here(page=2)` (this address with changed query), `request_path`, `frame`.

**Macros** (`templates/kit/*.html`, all through `kit.`): actions button link csrf_field · text_field date_field text_area
select_field radio_group check_box check_group file_field hidden_field · error_summary · table sort_header select_all
select_row selection_bar pagination empty_state no_match · steps progress banner tag verdict card disclosure dialog
dialog_button qr copy_button key_values key_value timeline language_switch icon. `tests/browser/gallery.py` shows each.

**htmx**: a region with a stable id, `hx-get`/`hx-post` with `hx-target`; answer with a template that does not extend
`base.html`. `app.js` moves the focus after a swap only to `[data-focus]` in the new content.

No inline scripts or styles (the content security policy forbids both), no other host, no `|safe` on values.
"""

from tegata.service.console.console import Console
from tegata.service.console.forms import Form, FormErrors, UploadedFile, read_page_form
from tegata.service.console.frame import Frame, NavigationItem
from tegata.service.console.paging import Pagination, Sort

__all__ = [
    "Console",
    "Form",
    "FormErrors",
    "Frame",
    "NavigationItem",
    "Pagination",
    "Sort",
    "UploadedFile",
    "read_page_form",
]
