package wfs

import "strukturbild/internal/ogc"

// Operation is what a request asks for.
type Operation string

// The operations.
const (
	GetCapabilities       Operation = "GetCapabilities"
	DescribeFeatureType   Operation = "DescribeFeatureType"
	GetFeature            Operation = "GetFeature"
	GetPropertyValue      Operation = "GetPropertyValue"
	ListStoredQueries     Operation = "ListStoredQueries"
	DescribeStoredQueries Operation = "DescribeStoredQueries"
	Transaction           Operation = "Transaction"
	LockFeature           Operation = "LockFeature"
	GetFeatureWithLock    Operation = "GetFeatureWithLock"
)

// Writes reports whether the operation takes the right to edit.
func (o Operation) Writes() bool {
	return o == Transaction || o == LockFeature || o == GetFeatureWithLock
}

// Request is a request in whatever spelling. What is not sent is zero.
type Request struct {
	Operation      Operation
	Version        Version
	Sections       []string // of the capabilities
	TypeNames      []string // of DescribeFeatureType
	StoredQueries  []string // ids, of DescribeStoredQueries
	Queries        []Query  // of GetFeature, GetPropertyValue and the operations that lock
	Actions        []Action // of Transaction
	Lock           LockRequest
	ValueReference string
	OutputFormat   string
	Hits           bool
	StartIndex     int
	Count          int // NoCount when none is sent
	parameters     map[string]string
}

// NoCount stands for as many features as there are.
const NoCount = -1

// Query asks for features of one type, or by a stored query.
type Query struct {
	TypeNames  []string
	SRSName    string
	Properties []string
	IDs        []string // gml:id of features
	BBox       string
	Filter     *ogc.Element
	SortBy     string
	Stored     string // id of a stored query
	Parameters map[string]string
}

// only tells which operations a version has, beside those that all have.
var only = map[Operation]Version{GetPropertyValue: V200, ListStoredQueries: V200, DescribeStoredQueries: V200}

// known lists the operations.
var known = []Operation{GetCapabilities, DescribeFeatureType, GetFeature, GetPropertyValue, ListStoredQueries, DescribeStoredQueries, Transaction, LockFeature, GetFeatureWithLock}
