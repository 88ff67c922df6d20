"""The nouns of the field, frozen. Every other room speaks in these; none of them knows a form, a table or a file.

Missing is ``None`` or an empty tuple, and means "not said", never zero. Codes come from ``matcher.vocabulary``.
Checks that need only the value itself stand here, so that no room can hold an impossible client or therapist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from matcher import checks
from matcher import vocabulary as v
from matcher.errors import InvalidInput

MAX_CONCERNS = 3
MAX_GOALS = 3


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the earth, WGS 84 degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        checks.between(self.latitude, "latitude", -90, 90)
        checks.between(self.longitude, "longitude", -180, 180)


@dataclass(frozen=True, slots=True)
class Opening:
    """A weekly place in a therapist's diary: weekday 0 (Monday) to 6, minute of the local day, and format."""

    weekday: int
    minute: int
    format: str

    def __post_init__(self) -> None:
        checks.whole(self.weekday, "openings.weekday", 0, 6)
        checks.whole(self.minute, "openings.minute", 0, 24 * 60 - 1)
        v.FORMATS.check(self.format, "openings.format")

    @property
    def time(self) -> str:
        """The weekly time that it falls into, such as ``mon_evening``: evening from 17:00, afternoon from 12:00."""
        part = "morning" if self.minute < 12 * 60 else "afternoon" if self.minute < 17 * 60 else "evening"
        return f"{v.WEEKDAYS.codes[self.weekday]}_{part}"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client would like the therapist to be, and how much: any of ``options`` fulfils it."""

    options: tuple[str, ...] = ()
    strength: str = "no_preference"

    def __post_init__(self) -> None:
        v.STRENGTHS.check(self.strength, "wish.strength")
        if self.strength != "no_preference" and not self.options:
            raise InvalidInput("wish.options", (), "name at least one option, or set the strength to no_preference")

    @property
    def matters(self) -> bool:
        """Whether the wish says anything at all."""
        return self.strength != "no_preference"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Who the therapist should be: one wish per trait."""

    gender: Wish = Wish()
    age_band: Wish = Wish()
    background: Wish = Wish()
    faith: Wish = Wish()
    communities: Wish = Wish()
    modality: Wish = Wish()

    def __post_init__(self) -> None:
        for name, words in WISH_VOCABULARY.items():
            for option in getattr(self, name).options:
                words.check(option, f"wishes.{name}")


WISH_VOCABULARY: Mapping[str, v.Vocabulary] = MappingProxyType(
    {
        "gender": v.GENDERS,
        "age_band": v.AGE_BANDS,
        "background": v.BACKGROUNDS,
        "faith": v.FAITHS,
        "communities": v.COMMUNITIES,
        "modality": v.MODALITIES,
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """Where somebody stands on the four style scales: whole numbers −3 … 3, or None for "not sure"."""

    lead: int | None = None
    feeling: int | None = None
    time: int | None = None
    challenge: int | None = None

    def __post_init__(self) -> None:
        for scale in v.STYLES.codes:
            if getattr(self, scale) is not None:
                checks.whole(getattr(self, scale), f"style.{scale}", -v.STYLE_LIMIT, v.STYLE_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a client told us before meeting anyone. Only ``id`` and one concern are required.

    ``concerns`` are one to three, the main one first. ``max_distance_km`` counts only with a ``location`` and when the
    client would come in person. ``max_fee_cents`` is per session. ``hope`` is 0 … 10. ``blocked_therapist_ids`` are
    pairs that must not be made (a conflict of interest, a former therapist).
    """

    id: str
    concerns: tuple[str, ...]
    concern_text: str = ""
    at_risk: bool | None = None

    formats: tuple[str, ...] = ()
    region: str | None = None
    location: Location | None = None
    max_distance_km: float | None = None
    times: tuple[str, ...] = ()
    max_fee_cents: int | None = None
    insurance: str | None = None
    languages: tuple[str, ...] = ()
    urgency: str | None = None

    age_band: str | None = None
    gender: str | None = None
    background: str | None = None
    faith: str | None = None
    communities: tuple[str, ...] = ()

    wishes: Wishes = Wishes()
    style: Style = Style()

    had_therapy: bool | None = None
    helped: tuple[str, ...] = ()
    hindered: tuple[str, ...] = ()

    hope: int | None = None
    goals: tuple[str, ...] = ()
    investment: Mapping[str, str] = field(default_factory=dict)
    recommended_by: str | None = None
    recommended_therapist_id: str | None = None
    former_therapist_id: str | None = None
    blocked_therapist_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checks.text(self.id, "id", required=True)
        if not 1 <= len(self.concerns) <= MAX_CONCERNS:
            raise InvalidInput("concerns", self.concerns, f"give one to {MAX_CONCERNS} concerns, the main one first")
        checks.all_known(self, v.INTAKE_WORDS)
        checks.text(self.concern_text, "concern_text")
        if len(self.goals) > MAX_GOALS:
            raise InvalidInput("goals", len(self.goals), f"give at most {MAX_GOALS} goals")
        for goal in self.goals:
            checks.text(goal, "goals", required=True)
        checks.region(self.region, "region")
        checks.optional_between(self.max_distance_km, "max_distance_km", 0, 20_000)
        checks.optional_whole(self.max_fee_cents, "max_fee_cents", 0, 10_000_000)
        checks.optional_whole(self.hope, "hope", 0, 10)
        for kind, level in self.investment.items():
            v.INVESTMENTS.check(kind, "investment")
            v.INVESTMENT_LEVELS.check(level, f"investment.{kind}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Therapist:
    """A therapist's own profile. What they chose not to say is None or empty, and is never held against them.

    ``concerns`` maps a concern to the depth of the work with it: 1 some, 2 much, 3 a main field. ``licence_regions``
    are ISO 3166 codes (``DE``, ``US-CA``); a country covers its regions. ``capacity`` is how many new clients fit now.
    ``available_from`` is the first day on which a new client can start. ``years`` is years in practice.
    """

    id: str
    name: str
    profession: str
    licence_regions: tuple[str, ...]
    concerns: Mapping[str, int]
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    capacity: int
    statement: str = ""
    location: Location | None = None
    openings: tuple[Opening, ...] = ()
    available_from: date | None = None
    fee_cents: int | None = None
    sliding_fee_cents: int | None = None
    insurances: tuple[str, ...] = ()
    age_groups: tuple[str, ...] = ("adults",)
    modalities: tuple[str, ...] = ()
    style: Style = Style()
    trainings: tuple[str, ...] = ()
    years: float | None = None
    gender: str | None = None
    age_band: str | None = None
    background: str | None = None
    faith: str | None = None
    communities: tuple[str, ...] = ()
    portrait: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.text(self.id, "id", required=True)
        checks.text(self.name, "name", required=True)
        checks.text(self.statement, "statement")
        checks.all_known(self, v.THERAPIST_WORDS)
        for concern, depth in self.concerns.items():
            v.CONCERNS.check(concern, "concerns")
            checks.whole(depth, f"concerns.{concern}", 1, 3)
        for name in ("licence_regions", "languages", "formats", "age_groups"):
            if not getattr(self, name):
                raise InvalidInput(name, (), "give at least one")
        for region in self.licence_regions:
            checks.region(region, "licence_regions")
        checks.whole(self.capacity, "capacity", 0, 1_000)
        checks.optional_whole(self.fee_cents, "fee_cents", 0, 10_000_000)
        checks.optional_whole(self.sliding_fee_cents, "sliding_fee_cents", 0, 10_000_000)
        checks.optional_between(self.years, "years", 0, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a client said about the alliance after a session; ``score`` on the clinic's scale, ``session`` from 1."""

    client_id: str
    therapist_id: str
    session: int
    score: float
    rated_at: datetime | None = None

    def __post_init__(self) -> None:
        checks.text(self.client_id, "client_id", required=True)
        checks.text(self.therapist_id, "therapist_id", required=True)
        checks.whole(self.session, "session", 1, 10_000)
        checks.finite(self.score, "score")


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of an alliance score: lowest, highest, and the step between neighbouring scores."""

    lowest: float
    top: float
    step: float

    def __post_init__(self) -> None:
        for name in ("lowest", "top", "step"):
            checks.finite(getattr(self, name), f"scale.{name}")
        if not self.lowest < self.top or not 0 < self.step <= self.top - self.lowest:
            raise InvalidInput("scale", (self.lowest, self.top, self.step), "lowest < top and 0 < step ≤ top − lowest")


CHECK_IN = Scale(0.0, 1.0, 0.025)  # our own check-in: the mean of four sliders with ten steps each


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each factor counts: non-negative, summing to 1 (``matcher.weights.normalised`` makes them so)."""

    version: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact worth saying, as a code and its particulars; the words stand in ``web/wording``."""

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One factor's part of a score: ``points`` = ``weight`` · ``value``; the points of all factors are the score."""

    factor: str
    value: float
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The expected alliance of a typical early session with this therapist, on the clinic's scale.

    ``mean`` with ``sd`` and the 80 % interval of the expected score; ``typical`` is the clinic's average for this
    client; ``personal`` the part that is good for this client rather than good on average; ``above_typical`` the
    probability that the true expectation lies above ``typical``. ``n_clients`` have rated this therapist, ``n_similar``
    of them came with the same main concern.
    """

    mean: float
    sd: float
    lower80: float
    upper80: float
    typical: float
    personal: float
    above_typical: float
    n_clients: int
    n_similar: int


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A therapist in the list: place (1 is first), score in [0, 1], why, and the honest caution.

    ``price`` was taken off the score for the order; ``propensity`` is how likely this place was, over seeds, and None
    behind the places that are drawn.
    """

    therapist_id: str
    place: int
    score: float
    contributions: tuple[Contribution, ...]
    reasons: tuple[Reason, ...]
    caution: Reason | None
    outlook: Outlook | None
    price: float = 0.0
    propensity: float | None = 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A therapist who cannot be offered, with every hard requirement that stands between."""

    therapist_id: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """The smallest change that opens places: which, to what, how many, and what ``also`` must change with it."""

    code: str
    params: Mapping[str, str | int | float]
    opens: int
    also: Reason | None = None


@dataclass(frozen=True, slots=True)
class MatchList:
    """The answer to an intake: everyone who can be offered in order, everyone who cannot and why, and ways out.

    ``notes`` are codes of what the reader must know of it (``no_model``: by the rules alone; ``near_ties``: drawn;
    ``scarce_places``: ordered by score less price).
    """

    intake_id: str
    matches: tuple[RankedMatch, ...]
    refusals: Sequence[Refusal]
    remedies: tuple[Remedy, ...]
    weights_version: str
    model_version: str | None
    notes: tuple[str, ...] = ()
