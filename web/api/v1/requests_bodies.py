"""What a program sends for a request, and what it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from web.exchange.problems import unreadable
from web.exchange.schema.fields import Document, check_id, several
from web.services.requests import MOST_CHOICES


def _key(said: object) -> UUID:
    try:
        return UUID(str(said)) if isinstance(said, (str, UUID)) else UUID("")
    except ValueError:
        raise unreadable("wrong_type", said, "expected the key of a client, as the waiting list gives it") from None


class RequestIn(Document):
    """Whom a client asks for."""

    client_id: Annotated[UUID, BeforeValidator(_key)] = Field(
        strict=False, description="The client's key, as `GET /queue` gives it"
    )
    therapist_ids: several(Annotated[str, AfterValidator(check_id)], at_least=1, at_most=MOST_CHOICES) = Field(  # type: ignore[valid-type]
        description="By their ids, the first choice first"
    )


class RequestChoiceOut(BaseModel):
    """How a choice stands."""

    model_config = ConfigDict(from_attributes=True)
    therapist_id: str
    choice: int = Field(description="1 for the first, 2 for the second")
    state: str = Field(description="`waiting`, `asked`, `accepted`, `declined`, `lapsed`, `full` or `withdrawn`")
    answer_by: datetime | None = Field(description="Until when who is asked shall have answered")


class RequestOut(BaseModel):
    """A request as it stands."""

    model_config = ConfigDict(from_attributes=True)
    request_id: UUID = Field(validation_alias="id")
    client_id: UUID
    state: str = Field(description="`open`, `accepted`, `declined` or `withdrawn`")
    choices: list[RequestChoiceOut]
