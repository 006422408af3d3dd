"""The floor: agents who ask their supervisors for help, messages among staff, who is on duty."""
