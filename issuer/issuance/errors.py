"""Every way in which issuing can be refused.

TegataError
├── Forbidden
│   ├── CannotBeIssued         the register lacks a fact, or the law's retention has lapsed
│   ├── NotAnApprover          not an officer who may approve here, or not by passkey
│   └── OwnRequest             nobody approves what they asked for
├── Conflict
│   ├── WrongState             the batch or document is not where this step starts
│   ├── ContentChanged         the content differs from what approval was asked for
│   ├── FinalStatus            a revoked document stays revoked
│   └── NumberTaken            the school's number format would write a number for the second time
└── MalformedInput
    ├── ContentRefused         claims break the rules of their document type
    └── NothingChosen          no document, or no learner
"""

from tegata.errors import Conflict, Forbidden, MalformedInput, Text


class CannotBeIssued(Forbidden):
    """A learner lacks what this document certifies."""

    kind = "cannot_be_issued"


class NotAnApprover(Forbidden):
    """Whoever decides may not: no such appointment today, or signed in without a passkey."""

    kind = "not_an_approver"
    text = Text(
        "承認には、この学校の承認者として、パスキーでサインインしている必要があります。",
        "To approve, you must be an approver of this school, signed in with a passkey.",
    )


class OwnRequest(Forbidden):
    """The person who asked for approval cannot give it."""

    kind = "own_request"
    text = Text(
        "自分が依頼したものは承認できません。別の承認者に依頼してください。",
        "You cannot approve what you asked for yourself. Ask another approver.",
    )


class WrongState(Conflict):
    """The batch or document is not in the state that this step starts from."""

    kind = "wrong_state"


class ContentChanged(Conflict):
    """What would be approved is not what approval was asked for."""

    kind = "content_changed"
    text = Text(
        "承認できませんでした。依頼の後に内容が変わっています。依頼した人に差し戻し、もう一度依頼を受けてください。",
        "Not approved. The content changed after the request. Send it back and ask for a new request.",
    )

    def __init__(self, people: int) -> None:
        super().__init__(
            f"{people} documents differ from what was frozen",
            public=Text(
                f"承認できませんでした。依頼の後に{people}人の内容が変わっています。依頼した人に差し戻し、もう一度依頼を受けてください。",
                f"Not approved. The content for {people} people changed after the request. Send it back and ask for a new "
                "request.",
            )
            if people
            else None,
        )


class FinalStatus(Conflict):
    """Revocation is final."""

    kind = "final_status"
    text = Text(
        "失効は元に戻せません。必要なときは、新しく発行してください。",
        "A revocation cannot be undone. Issue a new certificate if one is needed.",
    )


class NumberTaken(Conflict):
    """Two documents of a school never carry the same number; nothing of the batch is frozen."""

    kind = "number_taken"
    text = Text(
        "証明書番号が、すでに発行した証明書と同じになります。学校の番号の形式を、前と見分けられる形に変えてください。",
        "A document number would be that of an earlier document. Change the school's number format so that it differs.",
    )


class ContentRefused(MalformedInput):
    """Claims that break the rules of their document type; nothing of the batch is frozen."""

    kind = "content_refused"


class NothingChosen(MalformedInput):
    """A batch needs at least one document type and one learner."""

    kind = "nothing_chosen"
    text = Text("証明書と対象者を1つ以上選んでください。", "Choose at least one certificate and one learner.")
