package webhook

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

func TestOnlyTheWorldOutsideIsOpen(t *testing.T) {
	for _, text := range []string{"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"fe80::1", "fd00::1", "fc00::1", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "0.1.2.3",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1", "203.0.113.9"} {
		if open(netip.MustParseAddr(text)) {
			t.Errorf("%s is open", text)
		}
	}
	for _, text := range []string{"8.8.8.8", "193.10.0.1", "172.32.0.1", "100.128.0.1", "2a00:1450:400f:80d::200e", "::ffff:8.8.8.8"} {
		if !open(netip.MustParseAddr(text)) {
			t.Errorf("%s is closed", text)
		}
	}
	for _, text := range []string{"http://127.0.0.1/", "https://[::1]:8443/x", "http://10.1.2.3:80/"} {
		if err := CheckURL(text, false); plan.CodeOf(err) != plan.Invalid {
			t.Errorf("%s: %v", text, err)
		}
		if err := CheckURL(text, true); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestNamesAreLookedAtWhenTheyAreCalled: localhost is a name like others until it is resolved.
func TestNamesAreLookedAtWhenTheyAreCalled(t *testing.T) {
	called := false
	web := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer web.Close()
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(web.URL, "http://"))
	if err := CheckURL("http://localhost:"+port, false); err != nil {
		t.Errorf("the name is refused before it is resolved: %v", err)
	}
	_, err := newClient(false).Post("http://localhost:"+port, MediaType, nil)
	if known, ok := errors.AsType[*plan.Error](err); !ok || known.Code != plan.Invalid || called {
		t.Errorf("the receiver was called: %v, %v", called, err)
	}
}

func TestPausesGrowToTwelveHours(t *testing.T) {
	total := time.Duration(0)
	for attempt := 1; attempt < attempts; attempt++ {
		if p, next := pause(attempt), pause(attempt+1); p <= 0 || next < p || next > lastPause {
			t.Errorf("after attempt %d: %v, then %v", attempt, p, next)
		}
		total += pause(attempt)
	}
	if total < 2*24*time.Hour || total > 4*24*time.Hour {
		t.Errorf("the attempts take %v", total)
	}
}
