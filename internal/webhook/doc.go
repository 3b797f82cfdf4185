// Package webhook tells others of revisions: a CloudEvents 1.0 message a revision and webhook, signed by the Standard
// Webhooks scheme, tried again with growing pauses, and only to addresses that may be called.
//
// What is to be sent is in the database since the revision is: a message is sent at least once, and perhaps twice.
//
//	event.go   what is sent
//	sign.go    how the receiver knows that it is from here
//	guard.go   where nothing is sent
//	sender.go  one attempt, and what comes of it
//
// Arrow: server -> webhook -> store -> plan.
package webhook
