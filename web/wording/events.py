"""What was done, in words: one text per action of the audit log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from web.wording.language import _, lazy

ACTIONS: Mapping[str, Any] = {
    "alert.settled": lazy("A therapist said what came of an alert"),
    "alert.raised": lazy("A course asks for a conversation"),
    "alert.rested": lazy("A course asks for no conversation any more"),
    "appointment.cancelled": lazy("A session was called off"),
    "appointment.missed": lazy("A session did not take place"),
    "appointment.planned": lazy("A session was planned"),
    "audit.checked": lazy("The audit trail was checked"),
    "audit.exported": lazy("Entries of the audit trail were written out"),
    "case.all_declined": lazy("Nobody who was asked could take a client on"),
    "case.asked": lazy("A therapist was asked for a client"),
    "case.booked": lazy("A first session was booked"),
    "case.counted_in": lazy("A client of an imported file was counted in with their therapist"),
    "case.closed": lazy("Somebody was taken off the waiting list"),
    "case.given": lazy("A client was given a place"),
    "case.given_back": lazy("A place was given back"),
    "case.held": lazy("A place was held for a client"),
    "case.note": lazy("A note was added to a case"),
    "case.opened": lazy("Somebody came onto the waiting list"),
    "case.opened_again": lazy("Somebody came back onto the waiting list"),
    "case.prioritised": lazy("The urgency of a case was changed"),
    "case.reopened": lazy("Somebody was put back onto the waiting list"),
    "case.session_off": lazy("A client was told that a planned session does not take place"),
    "case.unbooked": lazy("A first session is open again"),
    "check_in.read": lazy("A therapist read what a client shared"),
    "check_in.replied": lazy("A therapist answered a client"),
    "check_in.reply_changed": lazy("A therapist changed an answer"),
    "client.read": lazy("Somebody looked at a client"),
    "clients.imported": lazy("Clients were imported"),
    "clients.read": lazy("Somebody looked at a list of clients"),
    "check_in.shown": lazy("A check-in was put on the tablet"),
    "clinic.created": lazy("The clinic was set up"),
    "departure.announced": lazy("A therapist leaves, or is on leave"),
    "departure.called_off": lazy("A therapist takes clients again"),
    "development.released": lazy("A therapist was told of strengths and edges"),
    "emergency.begun": lazy("A client's course was opened in an emergency"),
    "emergency.ended": lazy("What was opened in an emergency was closed again"),
    "flag.raised": lazy("A case was flagged for a person"),
    "flag.seen": lazy("Somebody took a flagged case on"),
    "intake.sent": lazy("An intake was sent"),
    "instrument.imported": lazy("A questionnaire was brought in"),
    "job.again": lazy("Work that had failed was asked for once more"),
    "kiosk.begun": lazy("A tablet was set up for check-ins"),
    "kiosk.ended": lazy("A tablet was taken out of use"),
    "list.made": lazy("A list was made for a client"),
    "membership.changed": lazy("Somebody's role was changed"),
    "ratings.counted": lazy("Ratings that were held count now"),
    "ratings.held": lazy("Ratings are held until somebody has looked at them"),
    "ratings.left_out": lazy("Ratings that were held are left out"),
    "model.asked": lazy("Somebody asked for a new model"),
    "model.refused": lazy("A new model was tried and does not serve"),
    "model.rolled_back": lazy("An earlier model serves again"),
    "model.served": lazy("A new model serves"),
    "outbox.again": lazy("Messages that had failed were tried once more"),
    "person.all_signed_out": lazy("Somebody was signed out everywhere"),
    "person.created": lazy("Somebody was given a role"),
    "person.sign_in_failed": lazy("A sign-in failed"),
    "person.signed_in": lazy("Somebody signed in"),
    "person.signed_out": lazy("Somebody signed out"),
    "profile.changed": lazy("A therapist changed their profile"),
    "proposal.begun": lazy("Somebody asked for a proposal for the waiting list"),
    "proposal.changed": lazy("A proposal for the waiting list was changed"),
    "proposal.committed": lazy("A proposal was carried out: people were given places"),
    "proposal.discarded": lazy("A proposal for the waiting list was set aside"),
    "ratings.imported": lazy("Ratings were imported"),
    "scarcity.forecast": lazy("What places are worth to others was worked out"),
    "scarcity.off": lazy("Rare places are not kept for others any more"),
    "scarcity.on": lazy("Rare places are kept for those whom hardly anybody else fits"),
    "session.own_rating": lazy("A therapist said how they found a session"),
    "therapist.linked": lazy("A therapist was linked to a sign-in"),
    "therapists.imported": lazy("Therapists were imported"),
    "token.issued": lazy("A program was given a token"),
    "token.revoked": lazy("A program's token was taken away"),
    "well_being.said": lazy("A client said how they have been"),
    "weights.approved": lazy("A second person approved weights"),
    "weights.called_off": lazy("Weights that were to serve later were called off"),
    "weights.declined": lazy("A proposal of weights was declined or withdrawn"),
    "weights.discarded": lazy("A draft of the weights was set aside"),
    "weights.drafted": lazy("The draft of the weights was changed"),
    "weights.learning_asked": lazy("Somebody asked what ratings say of the weights"),
    "weights.one_enough": lazy("One person may publish weights again"),
    "weights.proposed": lazy("A draft of the weights was proposed to a second person"),
    "weights.published": lazy("New weights serve"),
    "weights.rolled_back": lazy("Earlier weights serve again"),
    "weights.scheduled": lazy("New weights will serve from a later moment on"),
    "weights.tried": lazy("A draft of the weights was tried on past data"),
    "weights.two_asked": lazy("Two persons are now needed to publish weights"),
}
ACTORS: Mapping[str, Any] = {
    "client": lazy("a client"),
    "clock": lazy("nobody: it was time"),
    "command line": lazy("the command line"),
    "import": lazy("an imported file"),
    "nobody": lazy("somebody unknown"),
    "program": lazy("a program"),
    "release": lazy("the release"),
}
PROGRAM = re.compile(r"program [0-9a-f-]{36}")


def say_action(action: str) -> str:
    """What was done; an action that has no words yet is told by its name."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    kind, _dot, done = action.partition(".")
    return _("%(kind)s: %(done)s", kind=kind.replace("_", " ").capitalize(), done=done.replace("_", " "))


def say_actor(actor: str) -> str:
    """Who did it: a name, or the word for what is no person; which program it was stands in the log."""
    return str(ACTORS["program"] if PROGRAM.fullmatch(actor) else ACTORS.get(actor, actor))
