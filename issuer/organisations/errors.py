"""What the organisations refuse."""

from tegata.errors import Conflict, MalformedInput, Misconfigured, NotFound, Text


class UnknownSchool(NotFound):
    """There is no such school on that day, or it is another tenant's."""

    kind = "unknown_school"
    text = Text("学校が見つかりません。", "There is no such school.")


class EnrolmentRefused(MalformedInput):
    """A profile of an organisation that lacks a part, contradicts itself, or does not fit what is enrolled."""

    kind = "enrolment_refused"
    text = Text("組織の登録内容が正しくありません。", "The profile of the organisation is not correct.")


class EnrolledElsewhere(Conflict):
    """The code belongs to an organisation that is enrolled under another legal person."""

    kind = "enrolled_elsewhere"
    text = Text(
        "このコードは、別の設置者のもとで登録されています。",
        "This code is enrolled under another legal person.",
    )


class NoSigningKey(Misconfigured):
    """The organisation has no key for this use that may sign now."""

    kind = "no_signing_key"
    text = Text(
        "署名に使える鍵がありません（tegata registrar certify）。",
        "There is no key to sign with (tegata registrar certify).",
    )


class CertificateForAnotherKey(Conflict):
    """A certificate that does not fit the key that it came for, or its certified period is over."""

    kind = "certificate_for_another_key"
    text = Text("この証明書は、対象の鍵のものではありません。", "This certificate is not for that key.")


class KeyStateRefused(Conflict):
    """The key's state does not allow the step: it is certified already, retired, or compromised."""

    kind = "key_state_refused"
    text = Text("鍵の状態が変わったため、この操作はできません。", "The key's state does not allow this step.")
