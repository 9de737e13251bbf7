"""Refusals of staff sign-in. Each says its HTTP status; `routes.install_errors` turns them into answers."""

from datetime import datetime, timedelta
from typing import ClassVar

from tegata.errors import Forbidden, Text


class StaffRefused(Forbidden):
    """A rule of staff accounts or sign-in refuses this."""

    kind = "staff_refused"
    status: ClassVar[int] = 403


class SignInNeeded(StaffRefused):
    """Nobody is signed in, or the session is unknown."""

    kind = "sign_in_needed"
    text = Text("サインインが必要です。", "Please sign in first.")
    status = 401


class SessionEnded(SignInNeeded):
    """The session was left alone for too long, or reached its longest life."""

    kind = "session_ended"
    text = Text(
        "操作がなかったか、時間が経ったため、サインアウトしました。サインインすると続きから始められます。",
        "You were signed out after a time without activity, or after the longest time. Sign in to go on.",
    )


class SignInAgain(StaffRefused):
    """The step needs a sign-in with a passkey a few minutes ago at most."""

    kind = "sign_in_again"
    text = Text(
        "安全のため、この操作の前にパスキーでもう一度サインインしてください。",
        "To be safe, please sign in again with your passkey before this step.",
    )


class SignInRefused(StaffRefused):
    """Login, password or code are wrong; which of them is never said."""

    kind = "sign_in_refused"
    text = Text(
        "サインインできませんでした。利用者ID、パスワード、番号のどれかがちがいます。確かめて、もう一度入力してください。",
        "You could not be signed in. The user ID, the password or the code is not right. Check them and try again.",
    )


class TooManyAttempts(StaffRefused):
    """Too many wrong sign-ins in a row: this login, or this source, rests."""

    kind = "too_many_attempts"
    status = 429

    def __init__(self, detail: str, rest: timedelta) -> None:
        self.minutes = max(1, -(-int(rest.total_seconds()) // 60))
        super().__init__(
            detail,
            public=Text(
                f"続けて間違えたため、サインインを{self.minutes}分間止めています。安全のためです。パスキーなら今すぐサインインできます。",
                f"Signing in is paused for {self.minutes} minutes after several wrong tries, to keep it safe. "
                "With a passkey you can sign in now.",
            ),
        )

    @classmethod
    def until(cls, detail: str, end: datetime, now: datetime) -> "TooManyAttempts":
        """Build the refusal for a rest that ends at `end`."""
        return cls(detail, end - now)


class PasskeyRefused(StaffRefused):
    """The answer of a passkey does not hold, or does not belong to this ceremony."""

    kind = "passkey_refused"
    text = Text(
        "パスキーを確認できませんでした。時間切れか、途中で中止されたようです。もう一度押してください。",
        "Your passkey was not confirmed: it timed out or was cancelled. Please press again.",
    )


class PasskeyCloned(PasskeyRefused):
    """The signature counter went back: there may be two copies of one authenticator (WebAuthn §6.1.1)."""

    kind = "passkey_cloned"
    text = Text(
        "このパスキーは使えません。複製された可能性があります。情報担当に連絡してください。",
        "This passkey cannot be used: it may have been copied. Please contact your administrator.",
    )


class PasskeyNeeded(StaffRefused):
    """The step needs somebody who signed in with a passkey; a password and a code are not enough."""

    kind = "passkey_needed"
    text = Text(
        "この操作にはパスキーでのサインインが必要です。パスワードと番号では行えません。",
        "This step needs a sign-in with a passkey. A password and a code are not enough.",
    )


class LastWayIn(StaffRefused):
    """Removing this passkey would leave the person without a way to sign in."""

    kind = "last_way_in"
    text = Text(
        "最後のパスキーは削除できません。先に別のパスキーを加えてください。",
        "The last passkey cannot be removed. Add another one first.",
    )
    status = 409


class InvitationOver(StaffRefused):
    """The invitation is unknown, was used, was replaced, or has ended."""

    kind = "invitation_over"
    text = Text(
        "この招待は使えません。期限が過ぎたか、もう使われています。情報担当に新しい招待を頼んでください。",
        "This invitation cannot be used: it has ended or was used. Ask your administrator for a new one.",
    )
    status = 404


class PasswordRefused(StaffRefused):
    """The new password is too short, too long, or too easy to guess."""

    kind = "password_refused"
    text = Text(
        "パスワードは12文字以上で、利用者IDや名前、同じ文字の繰り返しは使えません。",
        "A password has at least 12 characters and is not made of your user ID, your name or one repeated character.",
    )
    status = 422


class CodeRefused(StaffRefused):
    """The code for setting up the authenticator app is not right."""

    kind = "code_refused"
    text = Text(
        "番号がちがいます。認証アプリに今表示されている6桁の番号を入れてください。",
        "The code is not right. Enter the 6 digits that your authenticator app shows now.",
    )
    status = 422


class LoginTaken(StaffRefused):
    """Somebody has this login already."""

    kind = "login_taken"
    text = Text("この利用者IDは使われています。", "This user ID is taken.")
    status = 409


class GrantRefused(StaffRefused):
    """The role may not be given like this: another tenant's, without its tenant, or ending before it begins."""

    kind = "grant_refused"
    text = Text(
        "この役割は、この人にはこの形で付けられません。",
        "This role cannot be given to this person like this.",
    )


class ForgedForm(StaffRefused):
    """The form or call does not come from a page of ours (CSRF)."""

    kind = "forged_form"
    text = Text(
        "ページの有効期限が切れました。ページを開き直して、もう一度お試しください。",
        "The page has expired. Open it again and retry.",
    )
