package testkit

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Gate is an address that refuses connections until it is opened, and then leads to another one.
type Gate struct {
	Address  string
	t        *testing.T
	target   string
	listener net.Listener
	waiting  sync.WaitGroup
}

// NewGate makes a closed gate. What goes through it must be started later, so that it ends before the gate does.
func NewGate(t *testing.T, target string) *Gate {
	t.Helper()
	// Closed again at once: what dials it is refused.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	g := &Gate{Address: listener.Addr().String(), t: t, target: target}
	t.Cleanup(func() {
		if g.listener != nil {
			_ = g.listener.Close()
		}
		g.waiting.Wait()
	})
	return g
}

// Open lets connections through.
func (g *Gate) Open() {
	g.t.Helper()
	listener, err := net.Listen("tcp", g.Address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.listener = listener
	g.waiting.Go(func() {
		for {
			incoming, err := listener.Accept()
			if err != nil {
				return
			}
			g.waiting.Go(func() { g.lead(incoming) })
		}
	})
}

// lead copies both ways until one side closes.
func (g *Gate) lead(incoming net.Conn) {
	defer incoming.Close()
	outgoing, err := net.Dial("tcp", g.target)
	if err != nil {
		return
	}
	defer outgoing.Close()
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{incoming, outgoing}, {outgoing, incoming}} {
		g.waiting.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			ended <- struct{}{}
		})
	}
	<-ended
}
