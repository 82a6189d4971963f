"""What the desk may see of an answer: nothing until the candidate shares it, then what this one filter lets through.

The page, the downloads and the export all go through ``document``. It names what may pass; whatever an analysis learns to say
later stays behind until it is named here. Labels and traits pass only where the candidate said so for this share, the
installation allows it (``SHARE_INFERENCES``), and the account is a coach's: whoever may decide about somebody never gets them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import abort, current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from core.analysis import Analysis, Source
from interview.database import Answer, change, db
from interview.desk_database import Account, Interview
from interview.sitting_database import Share, Sitting, Take

VERSION = "2026.1"  # of the words in which sharing is asked for
INFERENCES_FOR = ("coach",)
OBSERVABLE = frozenset(
    ("words", "sentences", "sentence_length", "i_share", "we_share", "hedges", "passives", "speaking_rate", "fillers", "repeated_starts")
    + ("speaking_time", "speech_share", "pauses", "longest_pause", "pause_share", "pace", "loudness_range", "pitch_median", "pitch_range")
    + ("blinks", "blinks_per_minute", "face_found", "several_faces", "faces_most", "looking_away", "face_whole", "face_height", "head_tilt", "head_movement")
)
KEPT_BACK = frozenset({"examples", "smile"})  # a judgement of what was said, and what is a network's label: for the candidate alone
PLAIN = ("schema", "modality", "created", "classes")  # says nothing about anybody
INFERRED = ("timeline", "shares", "most_frequent", "coverage", "traits", "warnings", "models")
EMPTY = Analysis("text", Source("", "")).to_dict()  # what an analysis says before it says anything


def allowed(account: Account | None) -> bool:
    """Tell whether labels and traits can be shared with this account at all."""
    return account is not None and bool(current_app.config["SHARE_INFERENCES"]) and account.role in INFERENCES_FOR


def document(answer: Answer, share: Share, account: Account) -> dict[str, Any] | None:
    """Return what this account may see of an answer's analysis, in the form of an Analysis; ``None`` when there is no result yet."""
    if answer.result is None:
        return None
    return filtered(json.loads(answer.result), share.media, share.facts, share.inferences and allowed(account))


def filtered(analysis: Mapping[str, Any], media: bool, facts: bool, inferences: bool) -> dict[str, Any]:
    """Return an analysis with only what may pass: words with the media, observable facts, inferences.

    Parameters
    ----------
    analysis
        An Analysis as ``to_dict`` gives it; its parts are filtered alike.
    media
        Whether the recording or the text itself may be seen; a text's words go with it.
    """
    source = {name: value for name, value in analysis["source"].items() if media or name not in ("name", "sha256")}
    passed = {"name": "", "sha256": "", **source}
    found = {**EMPTY, **{name: analysis[name] for name in PLAIN}, "source": passed}
    if facts:
        found["facts"] = {name: fact for name, fact in analysis["facts"].items() if name in OBSERVABLE}
    if media:
        found |= {"text": analysis["text"], "language": analysis["language"]}
        found["words"] = analysis["words"] if facts else []
        found["transcript"] = analysis.get("transcript")
    if inferences:
        found |= {name: analysis[name] for name in INFERRED}
        if not media:
            found["traits"] = {name: {**trait, "words": []} for name, trait in analysis["traits"].items()}
        found["sentences"] = analysis["sentences"] if media else []
    found["parts"] = {name: filtered(part, media, facts, inferences) for name, part in analysis["parts"].items()}
    return found


def shared_answer(identity: str, account: Account) -> tuple[Answer, Share]:
    """Return an answer that is shared with this account, and what of it; anything else is not found (404)."""
    wanted = (Share.answer_id == identity, Interview.account_id == account.id)
    share = db.session.scalar(select(Share).join(Sitting).join(Interview).where(*wanted).options(joinedload(Share.answer)))
    if share is None:
        abort(404)
    return share.answer, share


def of_sitting(sitting: Sitting) -> dict[str, Share]:
    """Return what is shared of a sitting by the id of the answer."""
    return {share.answer_id: share for share in db.session.scalars(select(Share).where(Share.sitting_id == sitting.id))}


def of_invitation(invitation_id: str) -> list[tuple[Take, Share]]:
    """Return the shared takes of an invitation in the order of the questions."""
    chosen = select(Take, Share).join(Share, Share.answer_id == Take.answer_id).join(Sitting, Sitting.id == Take.sitting_id)
    found = db.session.execute(chosen.where(Sitting.invitation_id == invitation_id)).all()
    return sorted(((take, share) for take, share in found), key=lambda pair: (pair[0].step.number, pair[0].id))


def of_interview(interview: Interview) -> dict[str, list[tuple[Take, Share]]]:
    """Return the shared takes of an interview by the id of the invitation."""
    chosen = select(Sitting.invitation_id, Take, Share).join(Share, Share.sitting_id == Sitting.id).join(Take, Take.answer_id == Share.answer_id)
    found: dict[str, list[tuple[Take, Share]]] = {}
    for invitation_id, take, share in db.session.execute(chosen.where(Sitting.interview_id == interview.id)):
        found.setdefault(invitation_id or "", []).append((take, share))
    return {key: sorted(pairs, key=lambda pair: (pair[0].step.number, pair[0].id)) for key, pairs in found.items()}


def share(sitting: Sitting, answer_id: str, media: bool, facts: bool, inferences: bool) -> None:
    """Share this much of an answer; nothing at all withdraws it. Inferences are dropped where they cannot be shared."""
    inferences = inferences and allowed(sitting.interview.account)
    with change() as session:
        session.execute(delete(Share).where(Share.answer_id == answer_id))
        if media or facts or inferences:
            session.add(Share(answer_id=answer_id, sitting_id=sitting.id, media=media, facts=facts, inferences=inferences, version=VERSION))
