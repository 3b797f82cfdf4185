package webhook

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"strukturbild/internal/plan"
)

// Limits of one attempt.
const (
	attemptTime  = 10 * time.Second
	answerHeader = 16 << 10
	maxURL       = 2000
)

// closed are the networks that are nobody's outside, beside those that net/netip names: what is sent there would reach
// the service's own surroundings.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT (RFC 6598)
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarking
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: an IPv4 address in disguise
	netip.MustParsePrefix("64:ff9b:1::/48"),  // likewise, local
	netip.MustParsePrefix("2002::/16"),       // 6to4: likewise
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
	netip.MustParsePrefix("fec0::/10"),       // site-local
}

// open reports whether the address lies out in the world.
func open(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range closed {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// CheckURL refuses addresses that nothing may be sent to. What a name stands for is looked at when something is sent.
func CheckURL(text string, private bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxURL || u.Host == "" || u.Hostname() == "":
		return plan.Errorf(plan.Invalid, "/url", "the url is not an absolute address of at most %d characters", maxURL)
	case u.Scheme != "https" && u.Scheme != "http":
		return plan.Errorf(plan.Invalid, "/url", "the url has the scheme %q; use https or http", u.Scheme)
	case u.User != nil || u.Fragment != "":
		return plan.Errorf(plan.Invalid, "/url", "the url holds a user or a fragment; leave them out: the signature tells who sends")
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && !private && !open(address) {
		return errClosed(address.String())
	}
	return nil
}

func errClosed(address string) error {
	return plan.Errorf(plan.Invalid, "/url", "%s is a loopback, private or reserved address; webhooks go there only when the service was started with --webhooks-private", address)
}

// newClient gives a client that follows no redirect, uses no proxy, and looks at each address after its name has been
// resolved: a name that changes its mind is found out.
func newClient(private bool) *http.Client {
	dialer := &net.Dialer{Timeout: attemptTime, Control: func(_, address string, _ syscall.RawConn) error {
		if private {
			return nil
		}
		where, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("the address %q can't be read: %w", address, err)
		}
		if !open(where.Addr()) {
			return errClosed(where.Addr().String())
		}
		return nil
	}}
	return &http.Client{Timeout: attemptTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: attemptTime, ResponseHeaderTimeout: attemptTime,
			MaxResponseHeaderBytes: answerHeader, DisableKeepAlives: true, ForceAttemptHTTP2: true}}
}
