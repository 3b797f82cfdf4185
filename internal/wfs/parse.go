package wfs

import (
	"slices"
	"strconv"
	"strings"
)

// settle reads the parameters that key-value pairs and XML have in common. The error is a Fault; the version is then
// as right as it can be, so that the fault can be told in its form.
func (r *Request) settle() error {
	err := r.settleVersion()
	if service := r.parameters["service"]; service == "" {
		return faultf(MissingParameterValue, "service", "the parameter service is missing; it must be WFS")
	} else if !strings.EqualFold(service, "WFS") {
		return faultf(InvalidParameterValue, "service", "service is %q; here it must be WFS", clip(service))
	}
	if r.Operation == "" {
		return faultf(MissingParameterValue, "request", "the parameter request is missing; the requests are %s", operations(r.Version))
	}
	if err != nil {
		return err
	}
	if !slices.Contains(operations(r.Version), r.Operation) {
		return faultf(OperationNotSupported, "request", "there is no request %q in version %s of this service; the requests are %s", clip(string(r.Operation)), r.Version, operations(r.Version))
	}
	return r.settleResults()
}

// settleVersion chooses the version. Of a request that names none it is the newest.
func (r *Request) settleVersion() (err error) {
	r.Operation = canonicalOperation(r.parameters["request"])
	version := r.parameters["version"]
	if r.Operation == GetCapabilities {
		r.Version, err = negotiate(list(r.parameters["acceptversions"]), version)
		return err
	}
	found := true
	if r.Version = V200; version != "" {
		r.Version, found = parseVersion(version)
	}
	if !found {
		return faultf(InvalidParameterValue, "version", "version %q is not spoken here; the versions are %s", clip(version), versionList())
	}
	return nil
}

// canonicalOperation gives the operation as we write it: some clients do not keep to upper and lower case.
func canonicalOperation(text string) Operation {
	if i := slices.IndexFunc(known, func(o Operation) bool { return strings.EqualFold(string(o), text) }); i >= 0 {
		return known[i]
	}
	return Operation(text)
}

// operations lists what a version can be asked for.
func operations(version Version) (list []Operation) {
	for _, o := range known {
		if v, restricted := only[o]; !restricted || v == version {
			list = append(list, o)
		}
	}
	return list
}

// settleResults reads how much is wanted, and in which form.
func (r *Request) settleResults() (err error) {
	r.OutputFormat, r.ValueReference = r.parameters["outputformat"], r.parameters["valuereference"]
	if r.Count, err = r.number("count", NoCount); err != nil {
		return err
	}
	if r.StartIndex, err = r.number("startindex", 0); err != nil {
		return err
	}
	switch kind := strings.ToLower(r.parameters["resulttype"]); kind {
	case "", "results":
	case "hits":
		r.Hits = true
	default:
		return faultf(InvalidParameterValue, "resultType", "resultType is %q; it must be results or hits", clip(kind))
	}
	return nil
}

// number reads a whole number from 0.
func (r *Request) number(name string, otherwise int) (int, error) {
	text := r.parameters[name]
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, faultf(InvalidParameterValue, spelling[name], "%s is %q; it must be a whole number from 0", spelling[name], clip(text))
	}
	return n, nil
}

var spelling = map[string]string{"count": "count", "startindex": "startIndex"}

// list parts a list at its commas.
func list(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// local cuts the prefix of a namespace off a name: there is only ours.
func local(name string) string {
	name = strings.TrimSpace(name)
	return name[strings.LastIndexByte(name, ':')+1:]
}
