// Package localpg gives a program a PostgreSQL to work with: the one it is
// handed by URL, else a private cluster run from whatever PostgreSQL the machine
// has, or a container, or one installed on the spot where that is possible.
//
// A private cluster lives in a folder of its own and is shared: any number of
// processes may Start the same folder at once, the first one creates and starts
// the cluster, the others join it. Who uses it is counted by the kernel (a
// shared lock on a file), so that a process that is killed is counted out as
// well. A small keeper process, which is the calling program run once more (see
// keeper.go), stops the server when the last user has gone. A program may
// therefore simply exit, as test binaries do.
//
//	<dir>/data          the cluster, owned by the account the server runs as
//	<dir>/server.log    what the server says
//	<dir>/cluster.json  how to reach and stop it, with its password
//	<dir>/*.lock        start (one change at a time), users, keeper
//
// It is for development and tests on Linux and macOS. Deployed processes are
// given a DATABASE_URL and do not import it.
package localpg
