"""Who may call what: policies, and the registry of every route. A route that is not declared here does not start.

The registry is one table so that it can be read at a glance and checked both ways: no rule without a policy, no policy
without a rule. What is declared is enforced before the view runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Flask, abort, g, request

from web import edge, forgery, reads, visits
from web.problems import Refused
from web.services import tokens

STAFF = ("coordinator", "therapist", "clinic_lead", "administrator")


@dataclass(frozen=True, slots=True)
class Policy:
    """Everybody, but for what is asked: a token's ``scope``, a ``clinic``, its private link (``intake``), a role.

    ``fresh``: the person has to have shown within the last ten minutes that it is they. ``owing``: it opens also to who
    still has to set up a second factor. ``forged`` says who keeps out what another site sends in a person's name:
    ``page`` (refused here), ``form`` (the form itself, which shows again what was typed), ``origin`` (the header alone,
    so that an old page never stands between a person and help). ``writes`` says whether anything but a GET may change
    the database.
    """

    scope: str | None = None
    clinic: bool = False
    intake: bool = False
    roles: tuple[str, ...] = ()
    fresh: bool = False
    owing: bool = False
    forged: str = "page"
    writes: bool = True


PUBLIC = Policy()
MATCHES = Policy(scope="matches", writes=False)
MODEL = Policy(scope="model:read", writes=False)
WEIGHTS_READ = Policy(scope="weights:read", writes=False)
WEIGHTS_WRITE = Policy(scope="weights:write")
QUEUE_READ = Policy(scope="queue:read", writes=False)
PROPOSALS_READ = Policy(scope="proposals:read", writes=False)
PROPOSALS_WRITE = Policy(scope="proposals:write")
REQUESTS_WRITE = Policy(scope="requests:write")
OF_CLINIC = Policy(clinic=True)
HELP = Policy(forged="origin")
BEGIN = Policy(clinic=True, forged="origin")  # an empty intake harms nobody, and the first page needs no cookie so
LINK = Policy(clinic=True, forged="form")
STEP = Policy(clinic=True, intake=True, forged="form")
ANY_ROLE = Policy(roles=STAFF)
ADMINISTRATOR = Policy(roles=("administrator",))
ADMINISTERS = Policy(roles=("administrator",), fresh=True)
OWN_SIGN_IN = Policy(roles=STAFF, owing=True)
OWN_KEYS = Policy(roles=STAFF, owing=True, fresh=True)
AUDIT_FILE = Policy(roles=("administrator",), fresh=True)
NOT_THEIR_THERAPIST = Policy(roles=("coordinator", "clinic_lead", "administrator"))
COORDINATOR = Policy(roles=("coordinator",))
THERAPIST = Policy(roles=("therapist",))
OWN_PROFILE = Policy(roles=("therapist",), forged="form")
ANSWER = Policy(roles=("therapist",), forged="form")
CLINIC_LEAD = Policy(roles=("clinic_lead",))
LEAD_OR_ADMINISTRATOR = Policy(roles=("clinic_lead", "administrator"))
LOOK = Policy(roles=("clinic_lead",), writes=False)  # computes, and stores nothing
# the form holds the link's token, which no other site knows; and a database that is away must not lose what was typed
CHECK_IN = Policy(forged="origin")
STOP = Policy(clinic=True, forged="origin")  # a mail program sends it by itself, and the link is what it knows
KIOSK = Policy(clinic=True, forged="origin")  # the tablet keeps no session, so that it keeps nothing
TOUR = Policy(clinic=True, forged="origin")  # its buttons stand on pages that are the same for everybody
OF_INTAKE = Policy(clinic=True, intake=True)

ROUTES: Mapping[str, Policy] = MappingProxyType(
    {
        "static": PUBLIC,
        "health.alive": PUBLIC,
        "health.ready": PUBLIC,
        "start.home": PUBLIC,
        "start.help_now": PUBLIC,
        "start.how_it_works": PUBLIC,
        "start.therapists": OF_CLINIC,
        "start.examples": PUBLIC,
        "portraits.draw": PUBLIC,
        "intake.begin": BEGIN,
        "intake.overview": OF_INTAKE,
        "intake.step": OF_INTAKE,
        "intake.answer": STEP,
        "intake.safety": PUBLIC,
        "intake.answer_safety": HELP,
        "intake.told": OF_INTAKE,
        "intake.reach_me": STEP,
        "intake.check": OF_INTAKE,
        "intake.send": STEP,
        "intake.own_link": OF_INTAKE,
        "intake.carry_on": OF_CLINIC,
        "intake.paste": LINK,
        "intake.linked": OF_CLINIC,
        "intake.come_back": OF_CLINIC,
        "intake.leave": OF_CLINIC,
        "matches.show": OF_INTAKE,
        "matches.order": OF_INTAKE,
        "matches.again": OF_INTAKE,
        "matches.compare": OF_INTAKE,
        "matches.ask": OF_INTAKE,
        "request.home": OF_INTAKE,
        "request.choose": OF_INTAKE,
        "request.ask": STEP,
        "request.leave": OF_INTAKE,
        "request.withdraw": OF_INTAKE,
        "request.first_session": PUBLIC,
        "request.calendar": OF_INTAKE,
        "people.sign_in": OF_CLINIC,
        "people.sign_out": OF_CLINIC,  # whoever may do nothing any more may still leave
        "people.home": ANY_ROLE,
        "people.second": OF_CLINIC,  # these know whoever is half way in by themselves
        "people.ask_passkey": OF_CLINIC,
        "people.passkey": OF_CLINIC,
        "people.forgotten": OF_CLINIC,
        "people.reset_link": OF_CLINIC,
        "people.reset": OF_CLINIC,
        "people.join_link": OF_CLINIC,
        "people.join": OF_CLINIC,
        "people.again": OWN_SIGN_IN,
        "people.own": OWN_SIGN_IN,
        "people.change_password": OWN_SIGN_IN,  # asks for the old one itself
        "people.end_sign_in": OWN_SIGN_IN,
        "people.end_others": OWN_SIGN_IN,
        "people.app": OWN_KEYS,
        "people.remove_app": OWN_KEYS,
        "people.codes": OWN_KEYS,
        "people.ask_new_passkey": OWN_KEYS,
        "people.add_passkey": OWN_KEYS,
        "people.rename_passkey": OWN_KEYS,
        "people.remove_passkey": OWN_KEYS,
        "people.everybody": ADMINISTRATOR,
        "people.invite": ADMINISTERS,
        "people.member": ADMINISTRATOR,
        "people.give_role": ADMINISTERS,
        "people.move_role": ADMINISTERS,
        "people.invite_again": ADMINISTERS,
        "people.take_back": ADMINISTERS,
        "people.reset_factors": ADMINISTERS,
        "people.policy": ADMINISTRATOR,
        "people.keep_policy": ADMINISTERS,
        "people.one_is_enough": ADMINISTERS,
        "queue.home": COORDINATOR,
        "queue.case": COORDINATOR,
        "queue.changes": COORDINATOR,
        "queue.bulk": COORDINATOR,
        "queue.openings": COORDINATOR,
        "queue.at_risk": COORDINATOR,
        "queue.assign": COORDINATOR,
        "queue.give_back": COORDINATOR,
        "queue.rematch": COORDINATOR,
        "queue.renew": COORDINATOR,
        "queue.prioritise": COORDINATOR,
        "queue.close": COORDINATOR,
        "queue.reopen": COORDINATOR,
        "queue.note": COORDINATOR,
        "queue.see": COORDINATOR,
        "queue.contacted": COORDINATOR,
        "departures.home": COORDINATOR,
        "departures.show": COORDINATOR,
        "departures.announce": COORDINATOR,
        "departures.call_off": COORDINATOR,
        "departures.propose": COORDINATOR,
        "departures.agreed": COORDINATOR,
        "handover.home": OF_INTAKE,
        "handover.answer": OF_INTAKE,
        "handover.notes": THERAPIST,
        "handover.write": THERAPIST,
        "proposals.home": COORDINATOR,
        "proposals.begin": COORDINATOR,
        "proposals.show": COORDINATOR,
        "proposals.progress": COORDINATOR,
        "proposals.again": COORDINATOR,
        "proposals.change": COORDINATOR,
        "proposals.rule": COORDINATOR,
        "proposals.sure": COORDINATOR,
        "proposals.commit": COORDINATOR,
        "proposals.discard": COORDINATOR,
        "caseload.home": THERAPIST,
        "caseload.profile": THERAPIST,
        "caseload.topic": THERAPIST,
        "caseload.save": OWN_PROFILE,
        "caseload.asked": THERAPIST,
        "caseload.accept": ANSWER,
        "caseload.decline": ANSWER,
        "caseload.client": THERAPIST,
        "caseload.book": ANSWER,
        "caseload.calendar": THERAPIST,
        "courses.home": THERAPIST,
        "courses.show": THERAPIST,
        "courses.rate": THERAPIST,
        "courses.read": THERAPIST,
        "courses.reply": THERAPIST,
        "courses.settle": THERAPIST,
        "courses.plan": THERAPIST,
        "courses.call_off": THERAPIST,
        "development.home": THERAPIST,
        "insights.home": CLINIC_LEAD,
        "insights.model": CLINIC_LEAD,
        "insights.fitting": CLINIC_LEAD,
        "insights.fit": CLINIC_LEAD,
        "insights.serve_again": CLINIC_LEAD,
        "insights.judge_held": CLINIC_LEAD,
        "insights.rare_places": CLINIC_LEAD,
        "insights.forecasting": CLINIC_LEAD,
        "insights.forecast": CLINIC_LEAD,
        "insights.keep_rare_places": CLINIC_LEAD,
        "dashboard.home": CLINIC_LEAD,
        "jobs_page.home": LEAD_OR_ADMINISTRATOR,
        "jobs_page.changes": LEAD_OR_ADMINISTRATOR,
        "jobs_page.again": LEAD_OR_ADMINISTRATOR,
        "jobs_page.send_again": LEAD_OR_ADMINISTRATOR,
        "audit.home": ADMINISTRATOR,
        "audit.check": ADMINISTRATOR,
        "audit.export": AUDIT_FILE,
        "emergency.home": NOT_THEIR_THERAPIST,
        "emergency.begin": NOT_THEIR_THERAPIST,
        "emergency.show": NOT_THEIR_THERAPIST,
        "emergency.end": NOT_THEIR_THERAPIST,
        "weights.home": CLINIC_LEAD,
        "weights.preview": LOOK,
        "weights.save": CLINIC_LEAD,
        "weights.discard": CLINIC_LEAD,
        "weights.rebase": CLINIC_LEAD,
        "weights.publish": CLINIC_LEAD,
        "weights.let_serve": CLINIC_LEAD,
        "weights.approve": CLINIC_LEAD,
        "weights.decline": CLINIC_LEAD,
        "weights.past": CLINIC_LEAD,
        "weights.on_past_data": CLINIC_LEAD,
        "weights.try_on_past_data": CLINIC_LEAD,
        "weights.compare": CLINIC_LEAD,
        "weights.ask_for_two": CLINIC_LEAD,
        "weights.back": CLINIC_LEAD,
        "weights.go_back": CLINIC_LEAD,
        "weights.call_off": CLINIC_LEAD,
        "weights.learning": CLINIC_LEAD,
        "weights.learn": CLINIC_LEAD,
        "weights.draft_learned": CLINIC_LEAD,
        "checkins.home": OF_INTAKE,
        "checkins.begin": OF_INTAKE,
        "checkins.show_to": OF_INTAKE,
        "checkins.arrive": CHECK_IN,
        "checkins.now": CHECK_IN,
        "checkins.say": CHECK_IN,
        "checkins.reminders": OF_CLINIC,
        "checkins.stop_reminders": STOP,
        "checkins.turn_reminders": OF_INTAKE,
        "kiosk.home": OF_CLINIC,
        "kiosk.say": KIOSK,
        "kiosk.hours": COORDINATOR,
        "kiosk.show": COORDINATOR,
        "kiosk.begin": COORDINATOR,
        "kiosk.end": COORDINATOR,
        "wellbeing.home": OF_INTAKE,
        "wellbeing.questions": OF_INTAKE,
        "wellbeing.answer": HELP,
        "wellbeing.show_to": OF_INTAKE,
        "wellbeing.told": OF_INTAKE,
        "wellbeing.linked": PUBLIC,
        "wellbeing.now": OF_CLINIC,
        "wellbeing.answer_linked": HELP,
        "goals.home": OF_INTAKE,
        "goals.add": OF_INTAKE,
        "goals.rate": OF_INTAKE,
        "goals.end": OF_INTAKE,
        "goals.show_to": OF_INTAKE,
        "goals.take_up": OF_INTAKE,
        "keeping.home": ADMINISTRATOR,
        "keeping.keep": ADMINISTERS,
        "mydata.home": OF_INTAKE,
        "mydata.take_along": OF_INTAKE,
        "mydata.ask": OF_INTAKE,
        "mydata.erase": OF_INTAKE,
        "mydata.erased": OF_CLINIC,
        "tour.home": TOUR,
        "tour.look": TOUR,
        "api_v1.reference": PUBLIC,
        "api_v1.document": PUBLIC,
        "api_v1.match": MATCHES,
        "api_v1.model": MODEL,
        "api_v1.why": MATCHES,
        "api_v1.queue": QUEUE_READ,
        "api_v1.begin_proposal": PROPOSALS_WRITE,
        "api_v1.proposal": PROPOSALS_READ,
        "api_v1.commit_proposal": PROPOSALS_WRITE,
        "api_v1.make_request": REQUESTS_WRITE,
        "api_v1.weights": WEIGHTS_READ,
        "api_v1.preview_weights": WEIGHTS_READ,
        "api_v1.save_weights_draft": WEIGHTS_WRITE,
        "api_v1.discard_weights_draft": WEIGHTS_WRITE,
        "api_v1.publish_weights": WEIGHTS_WRITE,
        "api_v1.roll_back_weights": WEIGHTS_WRITE,
    }
)


class UndeclaredRoute(RuntimeError):
    """The registry and the routes of the application differ."""


def install(app: Flask) -> None:
    """Ask for the policy of every request before anything else sees it."""
    app.before_request(enforce)


def check(app: Flask, routes: Mapping[str, Policy] = ROUTES) -> None:
    """Refuse to start when a rule has no policy, or a policy no rule."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    undeclared = [f"{rules[name]} ({name})" for name in rules if name not in routes]
    if undeclared:
        raise UndeclaredRoute(f"{', '.join(undeclared)}: declare who may call it in web/access.py, ROUTES")
    stale = [name for name in routes if name not in rules]
    if stale:
        raise UndeclaredRoute(f"{', '.join(stale)}: no such route; remove it from web/access.py, ROUTES")
    reads.check(app, frozenset(name for name, policy in routes.items() if policy.roles or policy.scope))


def enforce() -> None:
    """The declared policy, or no entry. A path that is no route goes on to its 404."""
    if request.endpoint is None:
        return
    policy = ROUTES.get(request.endpoint)
    if policy is None:
        abort(403)
    only_reads = request.method in edge.READS
    edge.announce(writes=policy.writes and not only_reads)
    if policy.scope is not None:
        g.caller = _bearer(policy.scope)
        reads.announce(g.caller)
        return
    if not only_reads:
        forgery.refuse(policy.forged)
    if (policy.clinic or policy.roles) and visits.clinic() is None:
        raise visits.NoClinic
    if policy.intake and visits.intake() is None:
        raise visits.NoIntake
    if policy.roles:
        visits.require_role(policy.roles, owing=policy.owing)
        if policy.fresh:
            visits.require_fresh()
        reads.announce()


def _bearer(scope: str) -> tokens.Caller:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    caller = tokens.verify(edge.session(), token.strip()) if kind.lower() == "bearer" and token else None
    if caller is None:
        raise Refused(401, "Send a valid token of your clinic in the header Authorization: Bearer …")
    if scope not in caller.scopes:
        raise Refused(403, f"This token does not carry the scope {scope!r}.")
    return caller
