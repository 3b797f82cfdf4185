// Package portray draws what the atlas holds: vector tiles.
//
// A tile is drawn in three steps. frame.go says where a tile's whole numbers lie and what may show in it; pencil.go
// brings one geometry into them, generalised (snap.go), cut to the tile (cut.go) and mended where rounding has broken it;
// mvt.go writes Mapbox Vector Tiles 2.1. layer.go walks over the features of a layer and says what is left out where
// they are smaller than can be seen. cache.go keeps what was drawn until a revision touches it.
//
// Arrow: portray -> atlas -> geo -> plan. Nothing here knows of HTTP.
package portray
