package localpg

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the first version with everything the schemas use.
const oldestMajor = 15

// binaries is a folder that holds initdb, postgres and pg_ctl of one version.
type binaries struct {
	dir     string
	version string
	major   int
}

// places are where binaries are looked for, best first.
type places struct {
	binDir string   // PG_BIN: when given, nothing else is looked at
	path   string   // PATH
	globs  []string // folders of distributions, several versions side by side
}

func machinePlaces(opts Options) places {
	return places{
		binDir: opts.BinDir,
		path:   os.Getenv("PATH"),
		globs: []string{
			"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
			"/usr/pgsql-*/bin",          // PostgreSQL's own packages for Fedora, RHEL
			"/usr/libexec/postgresql*",  // Alpine
			"/opt/homebrew/opt/postgresql*/bin",
			"/usr/local/opt/postgresql*/bin",
			"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		},
	}
}

// find returns every usable set of binaries, best first, and a line for each
// place that was looked at in vain.
func (p places) find(ctx context.Context) (found []binaries, vain []string) {
	take := func(place string, dirs ...string) {
		before := len(found)
		for _, dir := range dirs {
			bin, err := inspect(ctx, dir)
			switch {
			case err != nil:
				vain = append(vain, fmt.Sprintf("%s: %v", place, err))
			case !slices.ContainsFunc(found, func(b binaries) bool { return b.dir == bin.dir }):
				found = append(found, bin)
			}
		}
		if len(found) == before && len(dirs) == 0 {
			vain = append(vain, place+": nothing there")
		}
	}
	if p.binDir != "" {
		take("PG_BIN", p.binDir)
		return found, vain
	}
	take("PATH", p.onPath()...)
	for _, glob := range p.globs {
		dirs, _ := filepath.Glob(glob) // fails for malformed patterns only
		slices.SortFunc(dirs, newestFirst)
		take(glob, dirs...)
	}
	return found, vain
}

// onPath resolves links: Debian and Homebrew link single programs into PATH,
// and initdb must stand beside the postgres that it calls.
func (p places) onPath() []string {
	var dirs []string
	for _, folder := range filepath.SplitList(p.path) {
		target, err := filepath.EvalSymlinks(filepath.Join(folder, "initdb"))
		if err == nil && !slices.Contains(dirs, filepath.Dir(target)) {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	return dirs
}

var versionNumber = regexp.MustCompile(`(\d+)(\.\d+)*`)

// inspect checks that a folder holds the programs and asks for their version.
func inspect(ctx context.Context, dir string) (binaries, error) {
	for _, name := range []string{"initdb", "postgres", "pg_ctl"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode().Perm()&0o111 == 0 {
			return binaries{}, fmt.Errorf("no program %s in %s", name, dir)
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("%s/postgres --version: %w", dir, err)
	}
	version := versionNumber.FindString(string(out))
	major, _ := strconv.Atoi(strings.SplitN(version, ".", 2)[0]) // 0 is refused below
	if major < oldestMajor {
		return binaries{}, fmt.Errorf("version %q in %s is too old, %d is needed", version, dir, oldestMajor)
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

// newestFirst orders folders by the last number in their names, so that 17
// comes before 9.
func newestFirst(a, b string) int {
	return cmp.Or(cmp.Compare(lastNumber(b), lastNumber(a)), cmp.Compare(a, b))
}

func lastNumber(dir string) int {
	all := versionNumber.FindAllStringSubmatch(dir, -1)
	if len(all) == 0 {
		return 0
	}
	number, _ := strconv.Atoi(all[len(all)-1][1])
	return number
}
