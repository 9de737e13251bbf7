"""Every page of the issuer in every state that it has: what the browser tests look at, and what must not be missing."""

from dataclasses import dataclass

from tests.issuer.console.scenes import Scenes

CLERK, APPROVER, BOTH, NOBODY, BEGINNER = "clerk", "approver", "both", "nobody", "beginner"


@dataclass(frozen=True)
class Shot:
    """One page in one state: its route, who sees it, its path, and the form that is sent there first, if one is."""

    name: str
    route: str
    who: str
    path: str
    form: dict[str, str] | None = None
    status: int = 200


#: name, route, who, path in terms of `Scenes`
_PAGES: tuple[tuple[str, str, str, str], ...] = (
    ("home-begin", "/", BEGINNER, "/"),
    ("home-clerk", "/", CLERK, "/"),
    ("home-approver", "/", APPROVER, "/"),
    ("settings", "/settings", CLERK, "/settings"),
    ("school", "/school", BOTH, "/school"),
    ("account", "/account", APPROVER, "/account"),
    ("register-empty", "/register", BEGINNER, "/register"),
    ("register", "/register", CLERK, "/register"),
    ("register-none", "/register", CLERK, "/register?q=いない"),
    ("learner", "/register/learners/{learner_id}", CLERK, "/register/learners/{s.learner}"),
    ("learner-withheld", "/register/learners/{learner_id}", APPROVER, "/register/learners/{s.withheld}"),
    ("learner-concealed", "/register/learners/{learner_id}", CLERK, "/register/learners/{s.concealed}"),
    ("conceal", "/register/learners/{learner_id}/concealment", CLERK, "/register/learners/{s.learner}/concealment"),
    ("reveal", "/register/learners/{learner_id}/concealment", CLERK, "/register/learners/{s.concealed}/concealment"),
    ("import-file", "/register/import", CLERK, "/register/import"),
    ("import-columns", "/register/import/{job_id}/columns", CLERK, "/register/import/{s.columns_job}/columns"),
    ("import-check", "/register/import/{job_id}", CLERK, "/register/import/{s.errors_job}"),
    ("import-done", "/register/import/{job_id}/done", CLERK, "/register/import/{s.done_job}/done"),
    ("issue-empty", "/issue", BEGINNER, "/issue"),
    ("issue", "/issue", CLERK, "/issue"),
    ("issue-learners-empty", "/issue/learners", BEGINNER, "/issue/learners?document=graduation&issue_date=2026-04-01"),
    ("issue-learners", "/issue/learners", CLERK, "/issue/learners?document=graduation&document=transcript&issue_date=2026-04-01"),
    ("issue-more", "/issue/learners", CLERK, "/issue/learners?document=graduation&issue_date=2026-04-01&batch={s.draft}"),
    ("issue-learners-none", "/issue/learners", CLERK, "/issue/learners?document=graduation&issue_date=2026-04-01&q=いない"),
    ("batches-empty", "/batches", BEGINNER, "/batches"),
    ("batches", "/batches", CLERK, "/batches"),
    ("batch-check", "/batches/{batch_id}", CLERK, "/batches/{s.draft}"),
    ("batch-submitted", "/batches/{batch_id}", CLERK, "/batches/{s.submitted}"),
    ("batch-issuing", "/batches/{batch_id}", CLERK, "/batches/{s.issuing}"),
    ("batch-scheduled", "/batches/{batch_id}", CLERK, "/batches/{s.scheduled}"),
    ("batch-sealed", "/batches/{batch_id}", CLERK, "/batches/{s.sealed}"),
    ("batch-sealed-approver", "/batches/{batch_id}", APPROVER, "/batches/{s.sealed}"),
    ("batch-returned", "/batches/{batch_id}", CLERK, "/batches/{s.returned}"),
    ("batch-discarded", "/batches/{batch_id}", CLERK, "/batches/{s.discarded}"),
    ("links", "/batches/{batch_id}/links", CLERK, "/batches/{s.sealed}/links"),
    ("slips", "/batches/{batch_id}/slips", CLERK, "/batches/{s.sealed}/slips"),
    ("slips-none", "/batches/{batch_id}/slips", CLERK, "/batches/{s.bare}/slips"),
    ("links-none", "/batches/{batch_id}/links", CLERK, "/batches/{s.bare}/links"),
    ("batch-sealed-bare", "/batches/{batch_id}", CLERK, "/batches/{s.bare}"),
    ("approvals-empty", "/approvals", BEGINNER, "/approvals"),
    ("approvals", "/approvals", APPROVER, "/approvals"),
    ("approval", "/approvals/{batch_id}", APPROVER, "/approvals/{s.submitted}"),
    ("approval-own", "/approvals/{batch_id}", BOTH, "/approvals/{s.own}"),
    ("approval-clerk", "/approvals/{batch_id}", CLERK, "/approvals/{s.submitted}"),
    ("approval-document", "/approvals/{batch_id}/documents", APPROVER, "/approvals/{s.submitted}/documents?n=12"),
    ("approval-sample", "/approvals/{batch_id}/documents", APPROVER, "/approvals/{s.submitted}/documents?sample=yes"),
    ("standing-empty", "/standing", CLERK, "/standing"),
    ("standing", "/standing", APPROVER, "/standing"),
    ("requests-empty", "/requests", BEGINNER, "/requests"),
    ("requests", "/requests", CLERK, "/requests"),
    ("request-new", "/requests/new", CLERK, "/requests/new"),
    ("request-found", "/requests/new", CLERK, "/requests/new?q=青葉"),
    ("request-learner", "/requests/new", CLERK, "/requests/new?learner={s.learner}"),
    ("issued-empty", "/issued", BEGINNER, "/issued"),
    ("issued", "/issued", CLERK, "/issued"),
    ("issued-none", "/issued", CLERK, "/issued?q=いない"),
    ("document", "/issued/{document_id}", CLERK, "/issued/{s.document}"),
    ("document-suspended", "/issued/{document_id}", CLERK, "/issued/{s.suspended}?changed=suspend"),
    ("document-revoked", "/issued/{document_id}", APPROVER, "/issued/{s.revoked}"),
    ("slip-ask", "/issued/{document_id}/slip", CLERK, "/issued/{s.document}/slip"),
    ("revoke", "/issued/{document_id}/{action}", CLERK, "/issued/{s.document}/revoke"),
    ("suspend", "/issued/{document_id}/{action}", CLERK, "/issued/{s.document}/suspend"),
    ("lift", "/issued/{document_id}/{action}", CLERK, "/issued/{s.suspended}/lift"),
    ("documents", "/documents", NOBODY, "/documents"),
    ("document-type", "/documents/{name}", NOBODY, "/documents/transcript"),
    ("sign-in", "/sign-in", NOBODY, "/sign-in"),
    ("redeem", "/s/{public_id}/redeem", NOBODY, "{s.links[redeem]}"),
    *(
        (f"claim-{state}", "/s/{public_id}/claim/{token}", NOBODY, "{s.links[" + state + "]}")
        for state in ("open", "slip", "again", "expired", "replaced", "taken", "resting", "stopped")
    ),
)  # fmt: skip

#: The same address after a form was sent that was not accepted, or that is answered with a page.
_FORMS: tuple[tuple[str, str, str, str, dict[str, str], int], ...] = (
    ("import-file-error", "/register/import", CLERK, "/register/import", {}, 422),
    ("import-check-error", "/register/import/{job_id}/confirm", CLERK, "/register/import/{s.errors_job}", {}, 422),
    ("issue-error", "/issue", CLERK, "/issue", {"issue_date": "3月"}, 422),
    ("issue-learners-error", "/issue/learners", CLERK, "/issue/learners?document=graduation&issue_date=2026-04-01", {}, 422),
    ("batch-check-error", "/batches/{batch_id}/terms", CLERK, "/batches/{s.draft}", {"issue_date": "", "start": "2020-01-01"}, 422),
    ("approval-error", "/approvals/{batch_id}/return", APPROVER, "/approvals/{s.submitted}", {"back_reason": ""}, 422),
    ("revoke-error", "/issued/{document_id}/{action}", CLERK, "/issued/{s.document}/revoke", {"number": "1"}, 422),
    ("slip-error", "/issued/{document_id}/slip", CLERK, "/issued/{s.document}/slip", {}, 422),
    ("request-error", "/requests/new", CLERK, "/requests/new?learner={s.learner}", {"learner": "{s.learner}"}, 422),
    ("slip-made", "/issued/{document_id}/slip", CLERK, "/issued/{s.received}/slip", {"check": "known"}, 200),
    ("redeem-error", "/s/{public_id}/redeem", NOBODY, "{s.links[redeem]}", {"code": "AAAA-AAAA-AAAA-AAAA"}, 422),
    ("requests-error", "/requests", CLERK, "/requests", {}, 422),
    ("conceal-error", "/register/learners/{learner_id}/concealment", CLERK, "/register/learners/{s.learner}/concealment", {}, 422),
)  # fmt: skip

NAMES = tuple(item[0] for item in _PAGES) + tuple(item[0] for item in _FORMS)


def shot(name: str, scenes: Scenes) -> Shot:
    """Return one page in one state."""
    for found, route, who, path in _PAGES:
        if found == name:
            return Shot(name, route, who, path.format(s=scenes))
    for found, route, who, path, form, status in _FORMS:
        if found == name:
            filled = {key: value.format(s=scenes) for key, value in form.items()}
            return Shot(name, route, who, path.format(s=scenes), filled, status)
    raise KeyError(name)


def routes_seen() -> set[str]:
    """Return the routes of pages that are looked at."""
    return {item[1] for item in _PAGES}
