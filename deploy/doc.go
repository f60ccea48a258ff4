// Package deploy holds what docker-compose.yml mounts, and the tests that keep it,
// the compose file and the Dockerfile true to the code.
package deploy
