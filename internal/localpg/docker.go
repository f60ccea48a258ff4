package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const dockerImage = "postgres:17"

// dockerProblem is nil where an engine answers: a client without one is common.
func dockerProblem(ctx context.Context) error {
	if _, err := exec.LookPath("docker"); err != nil {
		return errors.New("not installed")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := exec.CommandContext(ctx, "docker", "info").Run(); err != nil {
		return fmt.Errorf("installed, but \"docker info\" fails (%w): is its engine running?", err)
	}
	return nil
}

// useContainer names the container after the folder, so that every process
// that asks for the folder finds it.
func (st *state) useContainer(h *home) {
	sum := sha256.Sum256([]byte(h.dir))
	st.Container = "connexie-worker-postgres-" + hex.EncodeToString(sum[:4])
}

// continueContainer goes on with a durable cluster in its Docker volume.
func continueContainer(ctx context.Context, h *home, old, st *state) error {
	if err := dockerProblem(ctx); err != nil {
		return fmt.Errorf("the cluster of %s is in the Docker volume %s, and Docker is %w; "+
			"start Docker, or move the folder aside to begin an empty cluster", h.dir, old.Container, err)
	}
	st.Container = old.Container
	return nil
}

func (st *state) startContainer(ctx context.Context, opts Options) error {
	opts.Say("starting %s in Docker (the first time it is downloaded)", dockerImage)
	if err := st.stopContainer(ctx); err != nil {
		return err
	}
	if out, err := st.docker(ctx, st.runArguments()...); err != nil {
		return fmt.Errorf("start %s in Docker: %w\n%s", dockerImage, err, out)
	}
	return st.awaitContainer(ctx)
}

// runArguments leave the password to the environment: arguments can be read by
// every user of the machine.
func (st *state) runArguments() []string {
	args := []string{
		"run", "--detach", "--name", st.Container, "--env", "POSTGRES_PASSWORD",
		"--publish", loopback + ":" + strconv.Itoa(st.Port) + ":5432", "--shm-size", "256m",
	}
	if !st.Ephemeral {
		args = append(args, "--volume", st.Container+":/var/lib/postgresql/data")
	}
	args = append(args, dockerImage, "-c", "max_connections=200", "-c", "timezone=UTC")
	if st.Ephemeral {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	return args
}

// awaitContainer waits while the image creates its cluster. Meanwhile it serves
// on a socket only and refuses the port.
func (st *state) awaitContainer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		_, err := st.dataDirectory(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			logs, _ := st.docker(context.WithoutCancel(ctx), "logs", "--tail", "15", st.Container)
			return fmt.Errorf("PostgreSQL in container %s does not answer: %w\n%s", st.Container, err, logs)
		case <-time.After(poll):
		}
	}
}

// stopContainer removes the container; a named volume stays.
func (st *state) stopContainer(ctx context.Context) error {
	known, err := st.docker(ctx, "ps", "--all", "--quiet", "--filter", "name=^"+st.Container+"$")
	if err != nil {
		return fmt.Errorf("look for container %s: %w\n%s", st.Container, err, known)
	}
	if known == "" {
		return nil
	}
	if out, err := st.docker(ctx, "stop", st.Container); err != nil {
		return fmt.Errorf("stop container %s: %w\n%s", st.Container, err, out)
	}
	if out, err := st.docker(ctx, "rm", "--volumes", st.Container); err != nil {
		return fmt.Errorf("remove container %s: %w\n%s", st.Container, err, out)
	}
	return nil
}

func (st *state) docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	cmd.Env = append(os.Environ(), "POSTGRES_PASSWORD="+st.Password)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
