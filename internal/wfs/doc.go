// Package wfs is the wire format of the Web Feature Service: 2.0.0 (OGC 09-025r2), 1.1.0 (04-094) and 1.0.0 (02-058).
// Key-value pairs and XML become the same Request, whose queries become plan.Query; what is answered is written by package ogc.
package wfs
