"""A ranked list as a JSON document: the same for the API and the command line, every field described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from matcher.entities import MatchList, Outlook, RankedMatch, Reason, Refusal, Remedy, Scale, Therapist
from web.wording import evidence, fit_words, say, say_factor, say_note, say_refusal, say_remedy
from web.wording.evidence import FEWEST

Params = dict[str, str | int | float]


class Answer(BaseModel):
    """What goes out holds what is described, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TherapistOut(Answer):
    """Who it is."""

    id: str = Field(description="The therapist's id with you", examples=["t07"])
    name: str = Field(description="As clients see it", examples=["Maren Oduya"])
    profession: str = Field(description="A code of the vocabulary", examples=["psychologist"])
    languages: list[str] = Field(description="Codes of the vocabulary", examples=[["en", "de"]])
    formats: list[str] = Field(description="How they meet: `online`, `in_person`", examples=[["online"]])
    fee_cents: int | None = Field(description="A session's fee in hundredths of the clinic's currency", examples=[9000])
    sliding_fee_cents: int | None = Field(description="The lowest fee where money is short", examples=[6000])


class ContributionOut(Answer):
    """One factor's part of a score: `points` is `weight` times `value`."""

    factor: str = Field(description="The factor's code", examples=["alliance"])
    label: str = Field(description="The factor's name", examples=["Working well together"])
    value: float = Field(ge=0, le=1, description="How well it fits")
    weight: float = Field(ge=0, le=1, description="How much it counts; the weights sum to 1")
    points: float = Field(ge=0, le=1, description="What it adds to the score")


class ReasonOut(Answer):
    """A fact worth saying: its code and particulars for programs, its text for people."""

    code: str = Field(examples=["concern_main_field"], description="The kind of reason")
    params: Params = Field(examples=[{"concern": "grief"}], description="Its particulars")
    text: str = Field(examples=["A main field of their work: grief and loss"], description="In words")


class ScaleOut(Answer):
    """The scale of alliance scores."""

    lowest: float = Field(description="The lowest score")
    top: float = Field(description="The highest score")
    step: float = Field(description="The step between neighbouring scores")


class OutlookOut(Answer):
    """The expected alliance of a typical early session, on `scale`, and how sure that is."""

    mean: float = Field(description="The best guess")
    sd: float = Field(ge=0, description="Its standard deviation")
    lower80: float = Field(description="The true expectation lies above with a probability of 90 %")
    upper80: float = Field(description="The true expectation lies below with a probability of 90 %")
    typical: float = Field(description="The average that this client can expect here")
    personal: float = Field(description="The part that is good for this client, rather than good on average")
    above_typical: float = Field(ge=0, le=1, description="The probability that the expectation is above `typical`")
    scale: ScaleOut


class EvidenceOut(Answer):
    """What is known from clients; a count under five is not told."""

    n_clients: int | None = Field(ge=FEWEST, description="Clients who rated the work with this therapist")
    n_similar: int | None = Field(ge=FEWEST, description="Those of them with the same main concern")
    text: str = Field(description="In words")


class MatchOut(Answer):
    """One therapist in the list."""

    place: int = Field(ge=1, description="1 is first")
    therapist: TherapistOut
    score: float = Field(ge=0, le=1, description="The sum of the points of `contributions`")
    fit: str = Field(description="The score in words", examples=["Strong fit"])
    contributions: list[ContributionOut]
    reasons: list[ReasonOut] = Field(description="Up to three, the weightiest first")
    caution: ReasonOut | None = Field(description="The one thing to know before choosing")
    outlook: OutlookOut | None = Field(description="null where no model has been fitted")
    evidence: EvidenceOut


class RefusalCountOut(Answer):
    """How many therapists one requirement stands before."""

    code: str = Field(examples=["capacity"], description="The requirement")
    text: str = Field(examples=["Has no free place now"], description="In words")
    n_therapists: int = Field(ge=1, description="How many, alone or with other requirements")


class RefusalOut(Answer):
    """A therapist who cannot be offered, with every requirement that stands between."""

    therapist_id: str
    codes: list[str]


class RefusalsOut(Answer):
    """Who cannot be offered, and why."""

    total: int = Field(ge=0, description="How many therapists")
    by_code: list[RefusalCountOut] = Field(description="By requirement, the most frequent first")
    therapists: list[RefusalOut] = Field(description="By therapist, in the order of ids")


class ChangeOut(Answer):
    """One change of what was asked for."""

    code: str = Field(examples=["add_format"], description="What to change")
    params: Params = Field(examples=[{"format": "online"}], description="To what")


class RemedyOut(ChangeOut):
    """A smallest change that opens places."""

    also: ChangeOut | None = Field(description="What must change with it")
    opens: int = Field(ge=1, description="How many therapists it opens")
    text: str = Field(description="In words")


class NoteOut(Answer):
    """What the reader must know about the whole list."""

    code: str = Field(examples=["no_model"])
    text: str = Field(description="In words")


class MatchListOut(Answer):
    """Everyone who can be offered, best first, with the reasons; everyone who cannot, and why; and ways out."""

    client_id: str = Field(description="The id of the intake", examples=["c017"])
    matches: list[MatchOut]
    refusals: RefusalsOut
    remedies: list[RemedyOut] = Field(description="Where fewer than three can be offered")
    notes: list[NoteOut]
    weights_version: str = Field(description="The weights that made the order")
    model_version: str | None = Field(description="The model behind `outlook`; null where there is none")


def match_list(found: MatchList, therapists: Mapping[str, Therapist], scale: Scale) -> MatchListOut:
    """The document of a ranked list; ``therapists`` holds at least everyone who is offered."""
    return MatchListOut(
        client_id=found.intake_id,
        matches=[_match(match, therapists[match.therapist_id], scale) for match in found.matches],
        refusals=_refusals(list(found.refusals)),
        remedies=[_remedy(remedy) for remedy in found.remedies],
        notes=[NoteOut(code=note, text=say_note(note)) for note in found.notes],
        weights_version=found.weights_version,
        model_version=found.model_version,
    )


def _match(match: RankedMatch, therapist: Therapist, scale: Scale) -> MatchOut:
    return MatchOut(
        place=match.place,
        therapist=_therapist(therapist),
        score=match.score,
        fit=fit_words(match),
        contributions=[
            ContributionOut(
                factor=c.factor, label=say_factor(c.factor), value=c.value, weight=c.weight, points=c.points
            )
            for c in match.contributions
        ],
        reasons=[_reason(reason) for reason in match.reasons],
        caution=_reason(match.caution) if match.caution else None,
        outlook=_outlook(match.outlook, scale) if match.outlook else None,
        evidence=_evidence(match.outlook),
    )


def _therapist(therapist: Therapist) -> TherapistOut:
    return TherapistOut(
        id=therapist.id,
        name=therapist.name,
        profession=therapist.profession,
        languages=list(therapist.languages),
        formats=list(therapist.formats),
        fee_cents=therapist.fee_cents,
        sliding_fee_cents=therapist.sliding_fee_cents,
    )


def _reason(reason: Reason) -> ReasonOut:
    return ReasonOut(code=reason.code, params=dict(reason.params), text=say(reason))


def _outlook(outlook: Outlook, scale: Scale) -> OutlookOut:
    return OutlookOut(
        mean=outlook.mean,
        sd=outlook.sd,
        lower80=outlook.lower80,
        upper80=outlook.upper80,
        typical=outlook.typical,
        personal=outlook.personal,
        above_typical=outlook.above_typical,
        scale=ScaleOut(lowest=scale.lowest, top=scale.top, step=scale.step),
    )


def _evidence(outlook: Outlook | None) -> EvidenceOut:
    return EvidenceOut(
        n_clients=_told(outlook.n_clients if outlook else 0),
        n_similar=_told(outlook.n_similar if outlook else 0),
        text=evidence(outlook),
    )


def _told(count: int) -> int | None:
    return count if count >= FEWEST else None


def _refusals(refusals: list[Refusal]) -> RefusalsOut:
    counts = Counter(code for refusal in refusals for code in refusal.codes)
    by_code = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return RefusalsOut(
        total=len(refusals),
        by_code=[RefusalCountOut(code=code, text=say_refusal(code), n_therapists=n) for code, n in by_code],
        therapists=[RefusalOut(therapist_id=r.therapist_id, codes=list(r.codes)) for r in refusals],
    )


def _remedy(remedy: Remedy) -> RemedyOut:
    also = remedy.also and ChangeOut(code=remedy.also.code, params=dict(remedy.also.params))
    return RemedyOut(
        code=remedy.code, params=dict(remedy.params), also=also, opens=remedy.opens, text=say_remedy(remedy)
    )
