"""What the tests beside share: facts that do not fit."""

from batches.judgement.statuses import FlagCode

ODD, SHARED = FlagCode.OUT_OF_SEQUENCE, FlagCode.IDENTITY_SHARED
