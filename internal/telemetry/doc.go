// Package telemetry makes what a process says about itself: logs (zap), metrics
// (Prometheus, also for the Temporal SDK) and the port where health, readiness
// and metrics are asked for.
//
// There is no global logger, registry or meter: each is made once in main and
// handed on.
//
// Logs carry ids and counts, never names, e-mails, wages, birth dates or tokens
// (N3, N4). The first line of defence is not to log them. The second is here:
// every logger of this package masks fields by their key, and whatever looks like
// an e-mail address, a bank account or a credential in any text.
package telemetry
