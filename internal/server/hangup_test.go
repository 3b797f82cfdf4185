package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"strukturbild/internal/plan"
)

// TestClientHangsUp breaks the connection off in the middle of an upload: nothing is written, and the next one works.
func TestClientHangsUp(t *testing.T) {
	s := newSite(t)
	s.ask(plan.Officer, "POST", "/api/v1/layers", provLayer).want(http.StatusCreated)
	file := collection(square("a", 350000, 6450000, `{}`), square("b", 350500, 6450000, `{}`))
	host := strings.TrimPrefix(s.url, "http://")
	for _, cut := range []int{0, 1, len(file) / 2, len(file) - 1} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /api/v1/layers/prov/uploads?crs=EPSG:3006 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: application/geo+json\r\nContent-Length: %d\r\n\r\n%s", host, s.tokens[plan.Officer], len(file), file[:cut])
		time.Sleep(30 * time.Millisecond)
		conn.Close()
	}
	// A body that ends early although more was announced, with a client that waits for the answer.
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/layers/prov/uploads?crs=EPSG:3006 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/geo+json\r\nContent-Length: %d\r\n\r\n%s", host, s.tokens[plan.Officer], len(file)+10, file)
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil {
		answer.Body.Close()
		if answer.StatusCode < 400 {
			t.Errorf("a body that ends early is answered %d", answer.StatusCode)
		}
	}
	if latest, _ := s.store.Latest(t.Context()); latest != 1 {
		t.Errorf("revision %d, want 1: something was written", latest)
	}
	s.upload("mode=append", file).want(http.StatusCreated)
}
