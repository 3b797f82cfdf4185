package main

import (
	"os"

	"strukturbild/internal/export"
)

// writeFileCommand is not for people: the service starts it to have GDAL write a file, in a process of its own.
type writeFileCommand struct{}

// writeFile is the command line that starts it, as readFile is.
var writeFile = []string{"/proc/self/exe", "write-file"}

func (writeFileCommand) Run() error { return export.RunChild(os.Stdin, os.Stderr) }
