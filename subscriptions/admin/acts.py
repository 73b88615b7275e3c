"""What an editor can do about one person. Each act says beforehand, in words, what it does."""

import json
from dataclasses import dataclass
from typing import ClassVar

from django.contrib.admin.models import CHANGE, DELETION
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from subscriptions import lifecycle, tasks
from subscriptions.admin.logbook import log
from subscriptions.enqueue import delay_on_commit
from subscriptions.export import everything_on
from subscriptions.models import Consent, Subscriber

CHANGE_SUBSCRIBER = "subscriptions.change_subscriber"


@dataclass(frozen=True, slots=True)
class Done:
    """What to tell the editor; `file` is what they get instead of a page."""

    message: str
    well: bool = True
    file: HttpResponse | None = None


class Act:
    """One button on a person's page."""

    name: ClassVar[str]
    label: ClassVar[str]
    permission: ClassVar[str] = CHANGE_SUBSCRIBER
    says: ClassVar[str]
    word: ClassVar[str] = ""
    """What has to be typed where there is no way back."""
    logged: ClassVar[str]
    flag: ClassVar[int] = CHANGE

    def refuses(self, subscriber: Subscriber) -> str:
        """Why this makes no sense for them, if so."""
        return ""

    def do(self, subscriber: Subscriber) -> Done:
        raise NotImplementedError

    def run(self, request: HttpRequest, subscriber: Subscriber) -> Done:
        """Do it and note it, both or neither."""
        with transaction.atomic():
            log(request, subscriber, self.logged, flag=self.flag)
            return self.do(subscriber)


class AskToConfirm(Act):
    name, label = "ask", "Ask to confirm"
    says = (
        "They get one letter with a button: “Yes, send me the digest”. Only if they press it do they get "
        "anything else. Nobody is asked more than once a day, nor more than twice without an answer."
    )
    logged = "Asked to confirm."

    def refuses(self, subscriber: Subscriber) -> str:
        if subscriber.status != Subscriber.Status.PENDING:
            return f"They are {subscriber.get_status_display()}; only somebody who is pending can be asked."
        return ""

    def do(self, subscriber: Subscriber) -> Done:
        notice_ids = lifecycle.ask_to_confirm(subscriber, origin=Consent.Origin.EDITOR)
        if not notice_ids:
            return Done(
                "No letter is sent: they were asked within a day or twice already, or must not be mailed.",
                well=False,
            )
        delay_on_commit(tasks.send_notices, notice_ids)
        return Done("The letter is on its way.")


class Unsubscribe(Act):
    name, label = "unsubscribe", "Unsubscribe"
    says = (
        "They get no digest from now on, and no letter about it. Their wish is kept, so that they can come "
        "back with the link in any older mail, or by signing up again. It is recorded that an editor did it."
    )
    logged = "Unsubscribed."

    def refuses(self, subscriber: Subscriber) -> str:
        return "They have left already." if subscriber.status == Subscriber.Status.UNSUBSCRIBED else ""

    def do(self, subscriber: Subscriber) -> Done:
        lifecycle.withdraw(subscriber, origin=Consent.Origin.EDITOR)
        return Done("They get no more digests.")


class RevokeLinks(Act):
    name, label = "revoke", "Revoke links"
    says = (
        "Every link mailed to them so far stops working, but for those to unsubscribe. Do this when somebody "
        "else has one of their mails. They can have a new link mailed to them at any time."
    )
    logged = "Links revoked."

    def do(self, subscriber: Subscriber) -> Done:
        lifecycle.revoke_links(subscriber)
        return Done("All links mailed so far are worthless now, but for those to unsubscribe.")


class Download(Act):
    name, label = "download", "Download everything"
    permission = "subscriptions.export_subscriber"
    says = (
        "A file with all that is held on them: address, wish, consent, letters and digests. Give it to "
        "nobody but them. It is the same file that they get themselves from their preferences page."
    )
    logged = "All that is held on them downloaded."

    def do(self, subscriber: Subscriber) -> Done:
        text = json.dumps(everything_on(subscriber), ensure_ascii=False, indent=2)
        file = HttpResponse(text, content_type="application/json")
        file["Content-Disposition"] = f'attachment; filename="subscriber-{subscriber.pk}.json"'
        file["Cache-Control"] = "no-store"
        return Done("", file=file)


class Erase(Act):
    name, label = "erase", "Erase"
    permission = "subscriptions.erase_subscriber"
    says = (
        "All that is held on them is deleted: address, wish, consent, letters, and which papers they were "
        "sent. What stays is a keyed hash, so that the address is never mailed again. There is no way back."
    )
    word = "erase"
    logged, flag = "Erased.", DELETION

    def do(self, subscriber: Subscriber) -> Done:
        lifecycle.erase(subscriber)
        return Done("They are erased, and the address is not mailed any more.")


ACTS: tuple[Act, ...] = (AskToConfirm(), Unsubscribe(), RevokeLinks(), Download(), Erase())
