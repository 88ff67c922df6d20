"""Where a figure comes from: no coefficient stands alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A published finding behind a factor or a default.

    ``citation`` is author, title and journal; ``year`` the year of publication; ``finding`` is what it showed, in our
    words; ``guess`` is true where no study gives the figure and it is our judgement.
    """

    citation: str
    year: int
    finding: str
    guess: bool = False


FLUCKIGER_2018 = Source(
    "Flückiger, Del Re, Wampold, Horvath: The alliance in adult psychotherapy, Psychotherapy 55(4)",
    2018,
    "Alliance and outcome correlate at r = .278 across 295 studies.",
)
SWIFT_2018 = Source(
    "Swift, Callahan, Cooper, Parkin: The impact of accommodating client preference, J. Clinical Psychology 74(11)",
    2018,
    "Clients whose preferences were met did better (d = .28) and stayed longer (dropout OR 1.79).",
)
CONSTANTINO_2018 = Source(
    "Constantino, Vîslă, Coyne, Boswell: Early treatment outcome expectation, Psychotherapy 55(4)",
    2018,
    "Hope for change at the start goes with better outcomes (r = .18).",
)
CONSTANTINO_2021 = Source(
    "Constantino, Boswell, Coyne, Swales, Kraus: Matching patients to therapists by record, JAMA Psychiatry 78(9)",
    2021,
    "Clients matched to therapists with a good record in their main concern did better; the alliance did not differ.",
)
GOLDBERG_2016 = Source(
    "Goldberg, Rousmaniere, Miller and others: Do psychotherapists improve with time and experience?, "
    "J. Counseling Psychology 63(1)",
    2016,
    "6,591 clients of 170 therapists: outcomes slightly declined with the therapist's experience.",
)
CRITS_CHRISTOPH_2011 = Source(
    "Crits-Christoph, Connolly Gibbons, Hamilton and others: The dependability of alliance assessments, "
    "J. Consulting and Clinical Psychology 79(3)",
    2011,
    "One session's rating carries much error; a therapist's mean needs about 60 clients to be dependable.",
)
COOPER_NORCROSS_2016 = Source(
    "Cooper, Norcross: A brief, multidimensional measure of clients' therapy preferences, "
    "Int. J. Clinical and Health Psychology 16(1)",
    2016,
    "Four bipolar dimensions describe how clients like to work; our scales follow the dimensions in our own words.",
)
CONSTANTINO_2023 = Source(
    "Constantino, Boswell, Coyne, Muir, Gaines, Kraus: Therapist perceptions of their own measurement-based, "
    "problem-specific effectiveness, J. Consulting and Clinical Psychology 91(8)",
    2023,
    "Therapists' views of their own strengths agreed with their record no better than chance in 11 of 12 domains.",
)
WAITING_2023 = Source(
    "Association between wait time and behavioral health appointment attendance across patient characteristics, "
    "Psychological Services 20(4), 983-987, doi 10.1037/ser0000768",
    2023,
    "1,587 referrals: each further week of waiting went with 5 % lower odds of attending.",
)
