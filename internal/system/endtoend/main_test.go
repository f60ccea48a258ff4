package endtoend

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// together is how many tests run at once, unless -parallel says otherwise. They mostly
// wait: for the engine to miss a worker that was killed, half a minute each.
const together = 32

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", fmt.Sprint(together)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}
