"""Rapport on the web: pages for people, JSON for programs. ``create_app`` reads as a table of contents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask_openapi import OpenAPI

    from web.settings import Settings


def create_app(settings: Settings) -> OpenAPI:
    """The application of one installation. Raises where a route has no policy or a setting cannot be worked with."""
    from web import (
        access,
        audit,
        caseload,
        checkins,
        courses,
        dashboard,
        departures,
        development,
        edge,
        emergency,
        forgery,
        goals,
        handover,
        headers,
        health,
        insights,
        intake,
        jobs_page,
        keeping,
        key_file,
        kiosk,
        limits,
        logs,
        matches,
        mydata,
        people,
        portraits,
        problems,
        proposals,
        queue,
        request,
        start,
        tour,
        weights,
        wellbeing,
    )
    from web.api import v1
    from web.application import Application
    from web.db import engine
    from web.wording import language

    key_file.install(settings.keys, settings.keys_beside)
    app = Application(settings)

    logs.install(app)
    headers.install(app)
    edge.install(app, engine.sessions(settings.database_url))
    language.install(app)
    limits.install(app, settings)
    forgery.install(app)
    people.install(app)
    tour.install(app)

    app.register_api(v1.api)
    app.register_blueprint(health.blueprint)
    for room in (
        start, portraits, intake, matches, request, people, queue, proposals, departures, caseload, courses,
        development, handover, insights, weights, checkins, kiosk, wellbeing, goals, mydata, keeping, tour, dashboard,
        jobs_page, audit, emergency,
    ):  # fmt: skip
        app.register_blueprint(room.blueprint)

    access.check(app)
    problems.install(app)
    start.serve_help_first(app, settings)
    return app
