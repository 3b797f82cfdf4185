// Package fence runs a part of this program as a child process that can do the service no harm: what a broken file, or a
// fault in a C library, does to the child ends there. The parent starts it with a Command; the first thing that the child
// does is to put Limits on itself. They talk over pipes and the files of a private directory.
//
// It knows nothing of formats. Its environment has GDAL's and PROJ's settings, because every child uses these.
package fence
