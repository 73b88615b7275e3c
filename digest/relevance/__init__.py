"""What a person reads, and why. Pure: no ORM, no settings, no clock."""
