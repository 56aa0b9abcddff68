"""Maps: functions of one number; one node per file."""
