package wfs

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"strukturbild/internal/ogc"
	"strukturbild/internal/plan"
)

// LockRequest is what a request says of locks.
type LockRequest struct {
	ID          string        // of the lock that a transaction opens, or that is to be renewed
	For         time.Duration // how long features are locked
	Some        bool          // what can't be locked is left out (lockAction)
	ReleaseSome bool          // only what is changed is released (releaseAction)
}

// defaultExpiry is how long a lock holds when the request does not say (09-025r2, 12.2.4.2).
const defaultExpiry = 300 * time.Second

// settleLock reads the parameters of locks.
func (r *Request) settleLock() (err error) {
	if !r.Operation.Writes() {
		return nil
	}
	r.Lock.ID = r.parameters["lockid"]
	if r.Lock.For, err = r.expiry(); err != nil {
		return err
	}
	if r.Lock.Some, err = r.allOrSome("lockAction"); err != nil {
		return err
	}
	if r.Lock.ReleaseSome, err = r.allOrSome("releaseAction"); err != nil {
		return err
	}
	if r.Operation == GetFeatureWithLock && r.Hits {
		return faultf(InvalidParameterValue, "resultType", "only features that are answered can be locked (resultType=results)") // 09-025r2, 13.2.2.1
	}
	return nil
}

// expiry reads how long a lock is to hold: seconds in 2.0.0 (09-025r2, 12.2.4.2), minutes before (04-094, 12.2).
func (r *Request) expiry() (time.Duration, error) {
	text, unit := r.parameters["expiry"], time.Minute
	if r.Version == V200 {
		unit = time.Second
	}
	if text == "" {
		return defaultExpiry, nil
	}
	n, err := strconv.Atoi(text)
	if most := int(plan.MaxLockTime / unit); err != nil || n < 1 || n > most {
		return 0, faultf(InvalidParameterValue, "expiry", "expiry is %q; it must be a number from 1 to %d, which is %s", clip(text), most, plan.MaxLockTime)
	}
	return time.Duration(n) * unit, nil
}

func (r *Request) allOrSome(name string) (some bool, err error) {
	switch text := strings.ToUpper(r.parameters[strings.ToLower(name)]); text {
	case "", "ALL":
		return false, nil
	case "SOME":
		return true, nil
	default:
		return false, faultf(InvalidParameterValue, name, "%s is %q; it must be ALL or SOME", name, clip(text))
	}
}

// LockFault gives what the locks refuse a transaction the exception of the standard (09-025r2, table 3 and 15.2.3.1.1); opened says that it
// opens a lock.
func LockFault(err error, opened bool) error {
	switch code := plan.CodeOf(err); {
	case code == plan.Invalid:
		return recoded(InvalidLockID, err)
	case code == plan.Forbidden:
		return recoded(LockHasExpired, err)
	case code == plan.Locked && !opened:
		return restated(MissingParameterValue, plan.Invalid, err)
	}
	return err
}

// CannotLock is the fault of an order to lock what others hold.
func CannotLock(err error) error {
	if plan.CodeOf(err) == plan.Locked {
		return restated(CannotLockAllFeatures, plan.Invalid, err)
	}
	return err
}

// CannotRenew is the fault of an order to renew a lock that is not there, whether it has ended or never was (09-025r2, 12.2.4.1).
func CannotRenew(err error) error {
	if code := plan.CodeOf(err); code == plan.Invalid || code == plan.Forbidden {
		return restated(LockHasExpired, plan.Forbidden, err)
	}
	return err
}

// LockableAs refuses to lock features that are answered in a form that has no place for the lock's id.
func (r *Request) LockableAs(format Format) error {
	if format.GML == nil {
		return faultf(InvalidParameterValue, "outputFormat", "features that are locked are answered as GML only, which can name the lock, not as %s", clip(r.OutputFormat))
	}
	return nil
}

// NothingToLock is the fault of a request to lock that names no features.
func NothingToLock() error {
	return faultf(MissingParameterValue, "query", "the request names no features to lock")
}

// WriteLock gives the answer to LockFeature.
func WriteLock(version Version, lock plan.Lock) []byte {
	return encoded(lockAnswer(version, lock))
}

func lockAnswer(version Version, lock plan.Lock) any {
	answer := lockResponse{Held: lockedIDs(version, lock.Held), Not: lockedIDs(version, lock.Not)}
	switch version {
	case V200:
		answer.XMLName, answer.ID = xml.Name{Space: spaceWFS20, Local: "LockFeatureResponse"}, lock.ID
	case V110:
		answer.XMLName, answer.Text = xml.Name{Space: spaceWFS, Local: "LockFeatureResponse"}, lock.ID
	default:
		answer.XMLName, answer.Text = xml.Name{Space: spaceWFS, Local: "WFS_LockFeatureResponse"}, lock.ID
	}
	return answer
}

type lockResponse struct {
	XMLName xml.Name
	ID      string         `xml:"lockId,attr,omitempty"`
	Text    string         `xml:"LockId,omitempty"`
	Held    *resourceNames `xml:"FeaturesLocked,omitempty"`
	Not     *resourceNames `xml:"FeaturesNotLocked,omitempty"`
}

type resourceNames struct{ List []resourceName }

func lockedIDs(version Version, features []plan.LockedFeature) *resourceNames {
	if len(features) == 0 {
		return nil
	}
	names := new(resourceNames)
	for _, f := range features {
		names.List = append(names.List, version.resource(ogc.GMLID(f.Layer, f.ID)))
	}
	return names
}

// resourceName names a feature as filters do.
type resourceName struct {
	XMLName xml.Name
	RID     string `xml:"rid,attr,omitempty"`
	FID     string `xml:"fid,attr,omitempty"`
}

func (v Version) resource(id string) resourceName {
	if v == V200 {
		return resourceName{XMLName: xml.Name{Space: "http://www.opengis.net/fes/2.0", Local: "ResourceId"}, RID: id}
	}
	return resourceName{XMLName: xml.Name{Space: "http://www.opengis.net/ogc", Local: "FeatureId"}, FID: id}
}

const (
	spaceWFS20 = "http://www.opengis.net/wfs/2.0"
	spaceWFS   = "http://www.opengis.net/wfs"
)

// encoded writes a small document.
func encoded(document any) []byte {
	text, err := xml.Marshal(document)
	if err != nil { // the types are encodable
		panic(fmt.Sprintf("wfs: %v", err))
	}
	return append(append([]byte(xml.Header), text...), '\n')
}
