"""What a place is worth to others: prices from a forecast, a year to try them on, and whether they serve."""

from matcher.scarcity.duals import Priced, place_prices
from matcher.scarcity.flow import Flow
from matcher.scarcity.serving import Forecasted, ScarcityTrial, scarcity_prices, scarcity_trial
from matcher.scarcity.year import Year, year_of_arrivals

__all__ = [
    "Flow",
    "Forecasted",
    "Priced",
    "ScarcityTrial",
    "Year",
    "place_prices",
    "scarcity_prices",
    "scarcity_trial",
    "year_of_arrivals",
]
