"""What invented clients write: a story and goals for each concern, in the words of people, not of the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from matcher.entities import Style

Texts = Mapping[str, tuple[str, ...]]

STORIES: Texts = MappingProxyType(
    {
        "anxiety": (
            "My head never stops. I check the door, the phone, the calendar, and then I start again.",
            "I say yes to things and then lie awake working out how to get out of them.",
            "From Sunday noon on I am already worrying about Monday.",
        ),
        "panic": (
            "It happened on the ferry first. My heart raced and I was sure I would pass out.",
            "I plan every trip around where I could get out quickly.",
        ),
        "low_mood": (
            "Nothing is really wrong, I just cannot get myself to care about anything.",
            "Getting out of bed takes until noon and then the day is gone.",
            "I smile at work and cry in the car.",
        ),
        "grief": (
            "My mother died in March and everyone else seems to have moved on.",
            "It has been a year, and I still set the table for two.",
        ),
        "trauma": (
            "There are things from years back that come up when I least expect them.",
            "Since the accident I cannot bear anyone walking behind me.",
        ),
        "relationships": (
            "We have the same argument every week and neither of us knows how it starts.",
            "I keep choosing people who are not really there.",
            "I am scared of being left, so I leave first.",
        ),
        "family": (
            "My brother and I have not spoken since the funeral.",
            "I turn into a child again as soon as I sit at my parents' table.",
        ),
        "parenting": (
            "I love my son and I shout at him every single evening.",
            "Everyone said it would be the happiest time. I feel like a bad copy of a parent.",
        ),
        "loneliness": (
            "I moved here two years ago and there is still nobody I could call at night.",
            "I can go a whole weekend without saying a word out loud.",
        ),
        "self_esteem": (
            "Whatever I do, a voice tells me that somebody else would have done it better.",
            "I rehearse sentences before I ring the dentist.",
        ),
        "burnout": (
            "I used to love this job. Now I sit in the car park and cannot go in.",
            "I am tired in a way that holidays do not touch.",
        ),
        "work": (
            "I have changed course twice and I am about to fail again.",
            "My new manager has made me doubt things I used to do in my sleep.",
        ),
        "life_change": (
            "Everything I had planned is gone, and I do not know who I am on a Tuesday morning.",
            "We are separated. I got the flat and none of the friends.",
        ),
        "sleep": (
            "I wake at three and count the hours until the alarm.",
            "I have tried the tea, the app and the pills. I still dread going to bed.",
        ),
        "anger": (
            "I punched a cupboard in front of my daughter. I never want to see that face again.",
            "Small things set me off and afterwards I am ashamed for days.",
        ),
        "ocd": (
            "I know that the stove is off. I go back and look anyway, nine times.",
            "I wash until my hands bleed and I hide it well.",
        ),
        "eating": (
            "I have rules about food that nobody knows of.",
            "I cancel dinners because I cannot stand eating in front of people.",
        ),
        "alcohol_drugs": (
            "It was a glass to wind down. Now it is the bottle and I lie about it.",
            "I have stopped four times this year.",
        ),
        "health": (
            "The doctors have a name for it now, but nobody told me how to live with it.",
            "The pain is always there. People have stopped asking.",
        ),
        "adhd": (
            "I have eleven started projects and a drawer of unopened post.",
            "I found out late, and I am angry about all the years before.",
        ),
        "autism": (
            "I have spent my life copying how others do it, and I am worn out.",
            "Small talk is a foreign language to me and I would like to stop apologising for it.",
        ),
        "identity": (
            "At home I am too foreign and at my parents' I am not foreign enough.",
            "I do not know which parts of me are mine.",
        ),
        "sexuality": (
            "I have known for years and told exactly one person.",
            "I am working out what to call myself, and I would like not to be alone with it.",
        ),
        "mood_swings": (
            "Some weeks I need no sleep and buy things, and then I cannot get up.",
            "People say I am too much. Some days I think they are right.",
        ),
    }
)

GOALS: Texts = MappingProxyType(
    {
        "anxiety": ("Worry less about work", "Say no without a week of guilt", "Feel calm in my own body"),
        "panic": ("Take the ferry again", "Stop planning every way out"),
        "low_mood": ("Want something again", "Get out of bed before nine", "Laugh and mean it"),
        "grief": ("Talk about her without falling apart", "Find a way to carry this"),
        "trauma": ("Sleep without the light on", "Not be thrown back all the time"),
        "relationships": ("Argue without it becoming a war", "Trust somebody", "Understand why I pull away"),
        "family": ("Set a limit with my parents", "Speak with my brother again"),
        "parenting": ("Stay calm in the evenings", "Enjoy my child"),
        "loneliness": ("Find two or three people", "Dare to ring someone"),
        "self_esteem": ("Be kinder to myself", "Speak up in meetings"),
        "burnout": ("Know when enough is enough", "Have energy left at home"),
        "work": ("Finish what I began", "Decide whether to stay in this job"),
        "life_change": ("Find a rhythm of my own", "Make peace with how it went"),
        "sleep": ("Sleep through four nights a week", "Stop dreading bedtime"),
        "anger": ("Notice it before I shout", "Say sorry and change something"),
        "ocd": ("Leave the house in five minutes", "Stop hiding it"),
        "eating": ("Eat with friends", "Think about food less"),
        "alcohol_drugs": ("Get through a week without", "Be honest about it"),
        "health": ("Live well with it", "Ask for help without shame"),
        "adhd": ("Keep one plan for a month", "Stop calling myself lazy"),
        "autism": ("Stop pretending all day", "Have a plan for bad days"),
        "identity": ("Feel at home somewhere", "Know what I want, not what is expected"),
        "sexuality": ("Tell my sister", "Stop feeling ashamed"),
        "mood_swings": ("Notice the turn earlier", "Keep a job for a year"),
    }
)
WRITE_A_STORY = 0.7

# A simulated therapist's statement: one sentence for the way of working, one for where they stand on the clearest scale
WAYS: Mapping[str, str] = MappingProxyType(
    {
        "cbt": "We look at what keeps the problem going, and try something small each week.",
        "act": "I help people make room for hard feelings and still do what matters to them.",
        "cft": "Many of us are harsher to ourselves than to anyone else, and that can be unlearned.",
        "dbt": "When feelings come in floods, I teach ways to stay on your feet.",
        "schema": "Old patterns made sense once; together we find out what you need today.",
        "emdr": "What happened cannot be undone, but it can stop happening again and again inside you.",
        "person_centred": "You know more about your life than I ever will, so I listen first.",
        "emotion_focused": "Feelings tell us what we need, once it is safe enough to hear them.",
        "psychodynamic": "I am curious about what lies under the thing that brings you.",
        "interpersonal": "Much of what weighs on us happens between people, so that is where we begin.",
        "systemic": "I never see only the person in the room; everyone you live with is there too.",
        "gestalt": "I notice what happens here, between us, and I say so.",
        "existential": "Loss, freedom, meaning: I am not afraid of the large questions.",
        "solution_focused": "We begin with the days on which it was a little better.",
        "mindfulness": "I work quietly, with attention and breath, and no hurry.",
        "integrative": "I have learnt several ways of working and choose with you.",
    }
)
ENDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "lead": ("I bring a plan to each session.", "You decide where we go."),
        "feeling": ("Tears are welcome here.", "We can keep a cool head and still get somewhere."),
        "time": ("We take the time to look back.", "I look at today and the week ahead."),
        "challenge": ("I am gentle.", "I will tell you when I see it differently."),
    }
)


def draw_stories(rng: np.random.Generator, concerns: Sequence[tuple[str, ...]]) -> list[str]:
    """A sentence or two for the first one or two concerns of each client; some write nothing."""
    draws = rng.random((len(concerns), 3))
    return [_story(*row) for row in zip(concerns, draws.tolist(), strict=True)]


def _story(concerns: tuple[str, ...], draws: list[float]) -> str:
    writes, *picks = draws
    if writes > WRITE_A_STORY:
        return ""
    return " ".join(_pick(STORIES[concern], pick) for concern, pick in zip(concerns, picks, strict=False))


def draw_goals(rng: np.random.Generator, concerns: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A goal for each of some of a client's concerns, none to three."""
    draws = rng.random((len(concerns), 4))
    return [_goals(*row) for row in zip(concerns, draws.tolist(), strict=True)]


def _goals(concerns: tuple[str, ...], draws: list[float]) -> tuple[str, ...]:
    share, *picks = draws
    n = round(share * 1.2 * len(concerns))
    return tuple(_pick(GOALS[concern], pick) for concern, pick in zip(concerns[:n], picks, strict=False))


def draw_statements(modalities: Sequence[str], styles: Sequence[Style]) -> list[str]:
    """A statement for each therapist, from their main way of working and their clearest style."""
    return [f"{WAYS[modality]} {_end(style)}".strip() for modality, style in zip(modalities, styles, strict=True)]


def _end(style: Style) -> str:
    places = {scale: getattr(style, scale) or 0 for scale in ENDS}
    clearest = max(places, key=lambda scale: abs(places[scale]))
    return ENDS[clearest][places[clearest] > 0] if places[clearest] else ""


def _pick(texts: tuple[str, ...], draw: float) -> str:
    return texts[int(draw * len(texts))]
