package main

import (
	"os"

	"strukturbild/internal/ingest"
)

// readFileCommand is not for people: the service starts it to open a file with GDAL, in a process of its own.
type readFileCommand struct{}

// readFile is the command line that starts it. The link is to the very program that runs, whatever has been installed
// over it since.
var readFile = []string{"/proc/self/exe", "read-file"}

func (readFileCommand) Run() error { return ingest.RunChild(os.Stdin, os.Stderr) }
