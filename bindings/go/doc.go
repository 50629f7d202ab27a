// Package steadfast embeds the Steadfast service registry in a Go program.
//
// A [Registry] keeps instances, their beats and the operators' orders, and answers which instances of a service take
// traffic now, and why. What happens when the client, the clock and the operator disagree is decided by a state policy,
// which can be exchanged while the registry runs.
//
// Every method may be called by any number of goroutines at once. After [Registry.Close] every method answers
// [ErrClosed]; nothing crashes. A [View] that was handed out before stays readable.
//
// Time comes from the library's own thread, or, with [Options.ThreadsNone], from [Registry.Tick] alone, so that a test
// can let 40 seconds pass at once.
package steadfast
