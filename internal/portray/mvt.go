package portray

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"strukturbild/internal/plan"
)

// Field numbers of Mapbox Vector Tile 2.1, appendix A.
const (
	tileLayer = 3

	layerVersion  = 15
	layerName     = 1
	layerFeatures = 2
	layerKeys     = 3
	layerValues   = 4
	layerExtent   = 5

	featureID       = 1
	featureTags     = 2
	featureType     = 3
	featureGeometry = 4

	valueText    = 1
	valueDouble  = 3
	valueUnsig   = 5
	valueSigned  = 6
	valueBoolean = 7
)

// Commands of a geometry (4.3.1).
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// geometryTypes are the numbers of MVT (4.3.4).
var geometryTypes = map[plan.GeometryType]uint64{plan.Point: 1, plan.Line: 2, plan.Polygon: 3}

// wireLayer writes one layer of a vector tile. A tile is the layers one after the other.
type wireLayer struct {
	name     string
	keys     []string
	keyOf    map[string]uint64
	values   []byte // the table of values as it is written
	valueOf  map[plan.Value]uint64
	features []byte
	feature  []byte // scratch
	packed   []byte // scratch
	tags     []byte
	count    int
}

func newWireLayer(name string) *wireLayer {
	return &wireLayer{name: name, keyOf: map[string]uint64{}, valueOf: map[plan.Value]uint64{}}
}

// tag gives the next feature an attribute. There is no null in a tile (4.4): it is left out.
func (l *wireLayer) tag(key string, value plan.Value) {
	if value.IsNull() {
		return
	}
	k, known := l.keyOf[key]
	if !known {
		k = uint64(len(l.keys))
		l.keys, l.keyOf[key] = append(l.keys, key), k
	}
	v, known := l.valueOf[value]
	if !known {
		v = uint64(len(l.valueOf))
		l.valueOf[value] = v
		l.values = protowire.AppendTag(l.values, layerValues, protowire.BytesType)
		l.values = protowire.AppendBytes(l.values, wireValue(value))
	}
	l.tags = protowire.AppendVarint(protowire.AppendVarint(l.tags, k), v)
}

// wireValue writes a value (4.4); dates and instants are texts.
func wireValue(v plan.Value) []byte {
	switch v.Kind() {
	case plan.Number:
		return protowire.AppendFixed64(protowire.AppendTag(nil, valueDouble, protowire.Fixed64Type), math.Float64bits(v.Float()))
	case plan.Integer:
		if v.Int() < 0 {
			return protowire.AppendVarint(protowire.AppendTag(nil, valueSigned, protowire.VarintType), protowire.EncodeZigZag(v.Int()))
		}
		return protowire.AppendVarint(protowire.AppendTag(nil, valueUnsig, protowire.VarintType), uint64(v.Int()))
	case plan.Boolean:
		return protowire.AppendVarint(protowire.AppendTag(nil, valueBoolean, protowire.VarintType), protowire.EncodeBool(v.Bool()))
	}
	return protowire.AppendString(protowire.AppendTag(nil, valueText, protowire.BytesType), v.String())
}

// add writes a feature with the attributes that it has been given. The number is its id where that is one; else 0.
func (l *wireLayer) add(number uint64, f *figure) {
	l.feature = l.feature[:0]
	if number > 0 {
		l.feature = protowire.AppendVarint(protowire.AppendTag(l.feature, featureID, protowire.VarintType), number)
	}
	l.feature = protowire.AppendBytes(protowire.AppendTag(l.feature, featureTags, protowire.BytesType), l.tags)
	l.feature = protowire.AppendVarint(protowire.AppendTag(l.feature, featureType, protowire.VarintType), geometryTypes[f.kind])
	l.packed = appendGeometry(l.packed[:0], f)
	l.feature = protowire.AppendBytes(protowire.AppendTag(l.feature, featureGeometry, protowire.BytesType), l.packed)
	l.features = protowire.AppendBytes(protowire.AppendTag(l.features, layerFeatures, protowire.BytesType), l.feature)
	l.tags = l.tags[:0]
	l.count++
}

// appendGeometry writes the commands (4.3): each place by its way from the one before.
func appendGeometry(dst []byte, f *figure) []byte {
	at := place{}
	to := func(p place) {
		dst = protowire.AppendVarint(dst, protowire.EncodeZigZag(int64(p.x-at.x)))
		dst = protowire.AppendVarint(dst, protowire.EncodeZigZag(int64(p.y-at.y)))
		at = p
	}
	command := func(id, count int) { dst = protowire.AppendVarint(dst, uint64(count<<3|id)) }
	if f.kind == plan.Point {
		command(moveTo, len(f.paths))
		for _, path := range f.paths {
			to(path[0])
		}
		return dst
	}
	for _, path := range f.paths {
		command(moveTo, 1)
		to(path[0])
		command(lineTo, len(path)-1)
		for _, p := range path[1:] {
			to(p)
		}
		if f.kind == plan.Polygon {
			command(closePath, 1)
		}
	}
	return dst
}

// append writes the layer; nothing when it has no features (4.1: a layer should have some).
func (l *wireLayer) append(dst []byte) []byte {
	if l.count == 0 {
		return dst
	}
	body := protowire.AppendVarint(protowire.AppendTag(nil, layerVersion, protowire.VarintType), 2)
	body = protowire.AppendString(protowire.AppendTag(body, layerName, protowire.BytesType), l.name)
	body = append(body, l.features...)
	for _, key := range l.keys {
		body = protowire.AppendString(protowire.AppendTag(body, layerKeys, protowire.BytesType), key)
	}
	body = append(body, l.values...)
	body = protowire.AppendVarint(protowire.AppendTag(body, layerExtent, protowire.VarintType), Extent)
	return protowire.AppendBytes(protowire.AppendTag(dst, tileLayer, protowire.BytesType), body)
}
