"""What the judgement reads."""
