package server

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// origin is the address under which a client sees the service.
type origin struct{ scheme, host, prefix string }

var (
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9._\-\[\]:]{1,255}$`)
	prefixPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~\-]+){0,8}$`)
)

// base gives the absolute address that links begin with. A token in the address goes on in the links.
func (s *Server) base(c echo.Context) string {
	if key := keyOf(c); key != "" {
		return strings.TrimSuffix(s.outside(c), "/") + keyPath + key
	}
	return s.outside(c)
}

// outside gives the service's own address: the one that is configured, or what the request tells.
func (s *Server) outside(c echo.Context) string {
	if s.options.BaseURL != "" {
		return s.options.BaseURL
	}
	r := c.Request()
	from := origin{scheme: "http", host: r.Host}
	if r.TLS != nil {
		from.scheme = "https"
	}
	if s.trusts(r.RemoteAddr) {
		from = s.forwarded(r.Header, from)
	}
	return from.scheme + "://" + from.host + from.prefix
}

// trusts reports whether the address is a proxy whose word counts.
func (s *Server) trusts(address string) bool {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	ip, err := netip.ParseAddr(strings.Trim(address, "[]"))
	return err == nil && slices.ContainsFunc(s.options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(ip.Unmap()) })
}

// forwarded reads what trusted proxies say of the request that they took: Forwarded (RFC 7239), else X-Forwarded-*.
func (s *Server) forwarded(header http.Header, from origin) origin {
	if list := header.Values("Forwarded"); len(list) > 0 {
		return s.farthest(strings.Split(strings.Join(list, ","), ","), from)
	}
	last := func(name string) string { // the nearest proxy appends
		list := strings.Split(strings.Join(header.Values(name), ","), ",")
		return strings.TrimSpace(list[len(list)-1])
	}
	from.take(last("X-Forwarded-Proto"), last("X-Forwarded-Host"))
	if port := last("X-Forwarded-Port"); port != "" && !strings.Contains(from.host, ":") && port != map[string]string{"http": "80", "https": "443"}[from.scheme] {
		from.take("", from.host+":"+port)
	}
	if prefix := strings.TrimSuffix(last("X-Forwarded-Prefix"), "/"); prefixPattern.MatchString(prefix) {
		from.prefix = prefix
	}
	return from
}

// farthest goes from the nearest proxy outward as long as the one before is trusted too.
func (s *Server) farthest(hops []string, from origin) origin {
	for _, hop := range slices.Backward(hops) {
		var before string
		for pair := range strings.SplitSeq(hop, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.Trim(value, `"`)
			switch strings.ToLower(name) {
			case "proto":
				from.take(value, "")
			case "host":
				from.take("", value)
			case "for":
				before = value
			}
		}
		if !s.trusts(before) {
			break
		}
	}
	return from
}

// take keeps what can stand in an address.
func (o *origin) take(scheme, host string) {
	if scheme = strings.ToLower(scheme); scheme == "http" || scheme == "https" {
		o.scheme = scheme
	}
	if hostPattern.MatchString(host) {
		o.host = host
	}
}
