package e2e

import (
	"encoding/xml"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// suiteResults is TestNG's report, as far as it is read.
type suiteResults struct {
	Tests []struct {
		Name    string `xml:"name,attr"`
		Methods []struct {
			Name      string   `xml:"name,attr"`
			Signature string   `xml:"signature,attr"`
			Status    string   `xml:"status,attr"`
			IsConfig  bool     `xml:"is-config,attr"`
			Params    []string `xml:"params>param>value"`
			Message   string   `xml:"exception>message"`
		} `xml:"class>test-method"`
	} `xml:"suite>test"`
}

// declared are the groups of the suite whose conformance classes the capabilities declare; of the others the suite says itself that
// it skips them.
var declared = []string{"Preconditions", "All GML application schemas", "GML application schemas defining features",
	"Simple WFS", "Basic WFS", "Temporal filter", "Spatial filter", "Response paging"}

// TestConformanceETS runs OGC's executable test suite for WFS 2.0: nothing may fail, and every declared class must have been tested.
func TestConformanceETS(t *testing.T) {
	if os.Getenv("STRUKTURBILD_ETS") == "" {
		t.Skip("takes minutes and fetches the suite: make conformance runs it")
	}
	s := start(t, dataDir(t), "--demo-when-empty", "300")
	defer s.stop()
	for _, test := range s.suite().Tests {
		passed, failed := 0, 0
		for _, m := range test.Methods {
			switch {
			case m.Status == "PASS" && !m.IsConfig:
				passed++
			case m.Status == "FAIL" && (!m.IsConfig || slices.Contains(declared, test.Name)):
				failed++
				t.Errorf("%s: %s(%s): %s", test.Name, m.Name, strings.Join(m.Params, " "), clip([]byte(m.Message)))
			}
		}
		t.Logf("%s: %d passed, %d failed", test.Name, passed, failed)
		if passed == 0 && slices.Contains(declared, test.Name) {
			t.Errorf("%s: nothing was tested", test.Name)
		}
	}
}

// suite runs it against the service.
func (s *service) suite() (results suiteResults) {
	s.t.Helper()
	command := exec.Command(filepath.Join(root, "scripts/ets/run.sh"), s.base+"/wfs?service=WFS&version=2.0.0&request=GetCapabilities",
		"tatort.2662666", s.t.TempDir())
	command.Stderr = os.Stderr
	out, err := command.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 3 {
		s.t.Skip("the suite can't be had on this machine")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	report, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := xml.Unmarshal(report, &results); err != nil {
		s.t.Fatal(err)
	}
	return results
}
