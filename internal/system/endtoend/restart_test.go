package endtoend

import "testing"

func heldOverRestart(t *testing.T, s *system) {}
