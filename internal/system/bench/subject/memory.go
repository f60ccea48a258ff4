package subject

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// ErrNoMemory tells that the system does not say how much memory a process uses.
var ErrNoMemory = errors.New("the memory of a process is read from /proc, which this system does not have")

// forgetPeak, written to clear_refs, sets the peak of a process back to what it uses
// now; see proc(5).
const forgetPeak = "5"

// ForgetPeak sets the worker's peak of memory back to what it uses now.
func (s *Subject) ForgetPeak() error {
	if err := os.WriteFile(s.proc("clear_refs"), []byte(forgetPeak), 0); err != nil {
		return errors.Join(ErrNoMemory, err)
	}
	return nil
}

// Memory is what the worker uses now, and PeakMemory the most it used since
// ForgetPeak, in MiB of resident memory.
func (s *Subject) Memory() (float64, error) { return s.status("VmRSS:") }

// PeakMemory see Memory.
func (s *Subject) PeakMemory() (float64, error) { return s.status("VmHWM:") }

func (s *Subject) status(member string) (float64, error) {
	text, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return 0, errors.Join(ErrNoMemory, err)
	}
	for line := range bytes.Lines(text) {
		words := bytes.Fields(line)
		if len(words) == 3 && string(words[0]) == member {
			kib, err := strconv.ParseFloat(string(words[1]), 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("%w: no %s", ErrNoMemory, member)
}

func (s *Subject) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(s.worker.Pid()), file)
}
