"""Needs that somebody saved. Nothing of these tables stands in any public output.

Name and answers are sealed: a copy of the database alone tells nobody who needs what. What counts
as unmet demand stands beside them as a topic and a region, because its owner agreed to that.
"""

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from directory.accounts.models import ENDS_WITH_ACCESS
from directory.db import Moment, new_id, now


class SavedNeed(SQLModel, table=True):
    """A need that its owner alone reads; deleted with their access.

    `sealed` holds its name and the parameters of its address. `counted` says that its owner agreed
    to be counted, and `judged_on` when was looked last whether something fits.
    """

    __tablename__ = "saved_need"
    __table_args__ = (sa.Index(None, "counted", "judged_on"), {"info": {ENDS_WITH_ACCESS: True}})

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    sealed: str
    saved_at: datetime = Field(default_factory=now, sa_type=Moment)
    counted: bool = False
    judged_on: date | None = None


class Demand(SQLModel, table=True):
    """A counted need for which no training fits, under one of its topics, until its day.

    `facet` is the question of the need that the topic answers.
    """

    __tablename__ = "need_demand"
    __table_args__ = (sa.Index(None, "facet", "topic", "region"),)

    need_id: uuid.UUID = Field(foreign_key="saved_need.id", ondelete="CASCADE", primary_key=True)
    facet: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    region: str
    until: date = Field(description="The last day on which it counts.")
