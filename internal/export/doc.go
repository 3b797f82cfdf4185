// Package export writes the features of layers as files. Text formats and Excel are written here, straight to the
// receiver where that is possible; GeoPackage, Shapefile and FlatGeobuf are written by GDAL in a child process
// (package fence), which takes the features on its standard input and leaves a file in a private directory.
//
// Every file has the id of the features as its first column, id, except GeoJSON, where a feature has an id of its own.
// Coordinates stand x first in all of them but GML, where the name of the system says the order.
package export
