package app

import (
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Amsterdam is the zone whose clock the rules go by.
func Amsterdam() *time.Location { return domain.DayOf(time.Now()).At(0, 0).Location() }
